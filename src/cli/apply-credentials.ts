import { eachAtOnce } from '../client/each-at-once.js';
import { permanentlyFailed } from '../client/ended-keeper.js';
import type { CredentialStatus, KeeperPort } from '../client/keeper-port.js';
import type { Application, ApplyOptions } from '../client/application.js';
import type { KeeperAdministration } from '../client/keeper-administration.js';
import { TokenError } from '../client/token-error.js';
import type { CredentialSpec } from '../contract/credential.js';
import { APPLY_POLL_MS, APPLY_WAIT_MS } from '../policy/numbers.js';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT_CODES, exitCodeOf } from './exit-codes.js';
import { errorText } from './error-text.js';

/** What became of one credential of a file, or of one that the file no longer names. */
export interface AppliedCredential {
  readonly id: string;
  readonly outcome:
    | Exclude<Application['outcome'], 'refused'>
    | 'failed'
    | Awaited<ReturnType<KeeperAdministration['stop']>>;
  /** How the keeper is now; absent where that is not known. */
  readonly status?: CredentialStatus;
  /** Why it failed, for people. */
  readonly reason?: string;
  /** The exit code that this result alone would mean. */
  readonly exitCode: number;
}

/** What applying needs of a session. */
export interface Appliers {
  /** By the keepers' clock: whoever applies may have a wrong one. */
  readonly reader: Pick<KeeperPort, 'status'>;
  readonly keepers: Pick<KeeperAdministration, 'apply'>;
}

/** Applies credentials, a few at once, and waits until each has a token or a failure. `onResult` gets each as it comes. */
export async function applyCredentials(
  appliers: Appliers,
  specs: readonly CredentialSpec[],
  onResult: (result: AppliedCredential) => void,
  options: ApplyOptions = {},
): Promise<readonly AppliedCredential[]> {
  return eachAtOnce(specs, async (spec) => {
    const result = await applyOne(appliers, spec, options);
    onResult(result);
    return result;
  });
}

/** One exit code for all: that of the failures where they agree. */
export function exitCodeOfAll(results: readonly AppliedCredential[]): number {
  const codes = new Set(results.map(({ exitCode }) => exitCode).filter((code) => code !== 0));
  const [code] = codes;
  if (code === undefined) return EXIT_CODES.done;
  return codes.size === 1 ? code : EXIT_CODES.failed;
}

async function applyOne(
  appliers: Appliers,
  spec: CredentialSpec,
  options: ApplyOptions,
): Promise<AppliedCredential> {
  const { id } = spec;
  try {
    const application = await appliers.keepers.apply(spec, options);
    if (application.outcome === 'refused') {
      const { reason } = application;
      return { id, outcome: 'failed', reason, exitCode: EXIT_CODES.permanentlyFailed };
    }
    const status = await settled(appliers, id, application.outcome);
    return { id, outcome: application.outcome, status, exitCode: EXIT_CODES.done };
  } catch (error) {
    return failedResult(id, error);
  }
}

/** What became of a credential for which an error came instead. */
export function failedResult(id: string, error: unknown): AppliedCredential {
  const reason = (errorText(error, {}) ?? '').replace(/^error: /, '');
  return { id, outcome: 'failed', reason, exitCode: exitCodeOf(error) };
}

/**
 * Waits for what the application was for: a token, of the new material where there is new material. Rejects with the
 * reason where none comes. Only the keeper's clock is asked.
 */
async function settled(
  { reader }: Appliers,
  id: string,
  outcome: Application['outcome'],
): Promise<CredentialStatus> {
  const deadlineMs = performance.now() + APPLY_WAIT_MS;
  const servesOn = outcome === 'unchanged' || outcome === 'updated';
  for (;;) {
    const answer = await reader.status(id);
    const { status, expiresAtMs, lastFailure } = answer;
    if (status === 'failed' && lastFailure !== undefined) throw permanentlyFailed(id, lastFailure);
    const isServed = expiresAtMs !== undefined && status !== 'expired';
    if (isServed && (servesOn || !answer.awaitsRefresh)) return answer;
    if (status === 'client-rejected' || performance.now() >= deadlineMs) {
      const why = lastFailure === undefined ? '' : `; ${lastFailure.code}: ${lastFailure.action}`;
      throw new TokenError('NOT_FRESH_IN_TIME', id, `kept, but no token came yet${why}`);
    }
    await delay(APPLY_POLL_MS);
  }
}
