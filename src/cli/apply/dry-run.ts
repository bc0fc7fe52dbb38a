import type { CredentialSpec } from '../../contract/credential.js';
import type { KeeperAdministration } from '../../keepers/administration.js';
import type { ApplyResult, ApplyOptions } from '../../keepers/apply-result.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { ReportedFailure } from '../errors.js';
import { EXIT_CODES } from '../exit-codes.js';
import { print, printJson } from '../output.js';
import type { OutputFormat } from '../output.js';

/** What would become of one credential. */
interface PlannedCredential {
  readonly id: string;
  readonly plan: ApplyResult['outcome'] | 'stopped';
  /** Why the keeper would refuse it. */
  readonly reason?: string;
}

/**
 * Prints what applying credentials and then stopping keepers would do. Rejects if a keeper does not answer.
 * @throws ReportedFailure with the exit code of `apply` if a keeper would refuse its credential
 */
export async function printPlan(
  { keepers }: { readonly keepers: Pick<KeeperAdministration, 'known' | 'plan'> },
  specs: readonly CredentialSpec[],
  stoppedIds: readonly string[],
  { output, ...options }: ApplyOptions & { readonly output: OutputFormat },
): Promise<void> {
  // As `apply`: a return is asked for on purpose.
  const known = options.returns === undefined ? await keepers.known(specs, true) : undefined;
  const applied = await mapConcurrently(specs, async (spec): Promise<PlannedCredential> => {
    const before = known?.get(spec.id);
    if (before?.is === 'refused') return { id: spec.id, plan: 'refused', reason: before.reason };
    const { outcome, ...reason } = await keepers.plan(spec, options);
    return { id: spec.id, plan: outcome, ...reason };
  });
  const stopped = stoppedIds.map((id): PlannedCredential => ({ id, plan: 'stopped' }));
  const planned = [...applied, ...stopped];
  if (output === 'json') printJson(planned);
  else planned.forEach((credential) => print(plannedLine(credential)));
  const isRefused = planned.some(({ plan }) => plan === 'refused');
  if (isRefused) throw new ReportedFailure(EXIT_CODES.permanentlyFailed);
}

function plannedLine({ id, plan, reason }: PlannedCredential): string {
  const words = plan === 'unchanged' ? 'would stay unchanged' : `would be ${plan}`;
  return `${id}: ${words}${reason === undefined ? '' : `: ${reason}`}`;
}
