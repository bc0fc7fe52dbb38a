import type { CredentialSpec } from '../../contract/credential.js';
import type { ApplyResult, ApplyOptions } from '../../keepers/apply-result.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { print, printJson } from '../output.js';
import type { OutputFormat } from '../output.js';
import type { CliSession } from '../session.js';

/** What would become of one credential. */
interface PlannedCredential {
  readonly id: string;
  readonly plan: ApplyResult['outcome'] | 'stopped';
  /** Why the keeper would refuse it. */
  readonly reason?: string;
}

/** Prints what applying credentials and then stopping keepers would do. Rejects if a keeper does not answer. */
export async function printPlan(
  { keepers }: Pick<CliSession, 'keepers'>,
  specs: readonly CredentialSpec[],
  stoppedIds: readonly string[],
  { output, ...options }: ApplyOptions & { readonly output: OutputFormat },
): Promise<void> {
  const applied = await mapConcurrently(specs, async (spec): Promise<PlannedCredential> => {
    const { outcome, ...reason } = await keepers.plan(spec, options);
    return { id: spec.id, plan: outcome, ...reason };
  });
  const stopped = stoppedIds.map((id): PlannedCredential => ({ id, plan: 'stopped' }));
  const planned = [...applied, ...stopped];
  if (output === 'json') printJson(planned);
  else planned.forEach((credential) => print(plannedLine(credential)));
}

function plannedLine({ id, plan, reason }: PlannedCredential): string {
  const words = plan === 'unchanged' ? 'would stay unchanged' : `would be ${plan}`;
  return `${id}: ${words}${reason === undefined ? '' : `: ${reason}`}`;
}
