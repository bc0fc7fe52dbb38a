import { setTimeout as delay } from 'node:timers/promises';
import { permanentlyFailed } from '../../client/ended-keeper.js';
import type { CredentialStatus, KeeperPort } from '../../client/keeper-port.js';
import { TokenError } from '../../client/token-error.js';
import type { CredentialSpec } from '../../contract/credential.js';
import type { FailureCode } from '../../contract/failures.js';
import type { KeeperAdministration } from '../../keepers/administration.js';
import type { ApplyResult, ApplyOptions } from '../../keepers/apply-result.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { APPLY_POLL_MS, APPLY_POLL_SHARE, APPLY_WAIT_MS } from '../../policy/apply-numbers.js';
import { errorText } from '../error-text.js';
import { EXIT_CODES, exitCodeOf } from '../exit-codes.js';

/** The journal knows what was applied for an earlier login; the keeper has gone on with the later one. */
const LOGIN_REPLACED: FailureCode = 'login_replaced';

/** What became of one credential of a file, or of one that the file no longer names. */
export interface AppliedCredential {
  readonly id: string;
  readonly outcome:
    | Exclude<ApplyResult['outcome'], 'refused'>
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
  readonly keepers: Pick<KeeperAdministration, 'apply' | 'known'>;
}

/** How credentials are applied. */
export interface ApplyCredentialsOptions extends Pick<ApplyOptions, 'returns'> {
  /** Whether tokens are waited for; default: they are. */
  readonly wait?: boolean;
  /** Gets each result as it comes. */
  readonly onResult: (result: AppliedCredential) => void;
}

type Kept = Exclude<ApplyResult, { outcome: 'refused' }>['outcome'];

/**
 * Applies credentials, many at once, and then waits for them together until each has a token or a failure. What Temporal
 * shows to be unchanged costs no call.
 */
export async function applyCredentials(
  appliers: Appliers,
  specs: readonly CredentialSpec[],
  { returns, wait = true, onResult }: ApplyCredentialsOptions,
): Promise<readonly AppliedCredential[]> {
  const results = new Map<string, AppliedCredential>();
  const kept = new Map<string, Kept>();
  const settle = (result: AppliedCredential): void => {
    results.set(result.id, result);
    onResult(result);
  };
  const options = returns === undefined ? {} : { returns };
  // A return is asked for on purpose; it counts also where nothing else changes.
  const known = returns === undefined ? await appliers.keepers.known(specs) : undefined;
  await mapConcurrently(specs, async (spec) => {
    const { id } = spec;
    const before = known?.get(id);
    if (before?.is === 'unchanged') {
      settle({ id, outcome: 'unchanged', status: before.status, exitCode: EXIT_CODES.done });
      return;
    }
    const isNew = before?.is === 'new' ? { isNew: true as const } : {};
    try {
      const application = await appliers.keepers.apply(spec, { ...options, ...isNew });
      if (application.outcome !== 'refused') kept.set(id, application.outcome);
      else {
        const { reason } = application;
        settle({ id, outcome: 'failed', reason, exitCode: EXIT_CODES.permanentlyFailed });
      }
    } catch (error) {
      settle(failedResult(id, error));
    }
  });
  if (wait) await waitForAll(appliers.reader, kept, settle);
  else for (const [id, outcome] of kept) settle({ id, outcome, exitCode: EXIT_CODES.done });
  return specs.flatMap(({ id }) => results.get(id) ?? []);
}

/** One exit code for all: that of the failures where they agree. */
export function exitCodeOfAll(results: readonly AppliedCredential[]): number {
  const codes = new Set(results.map(({ exitCode }) => exitCode).filter((code) => code !== 0));
  const [code] = codes;
  if (code === undefined) return EXIT_CODES.done;
  return codes.size === 1 ? code : EXIT_CODES.failed;
}

/** What became of a credential for which an error came instead. */
export function failedResult(id: string, error: unknown): AppliedCredential {
  const reason = (errorText(error, {}) ?? '').replace(/^error: /, '');
  return { id, outcome: 'failed', reason, exitCode: exitCodeOf(error) };
}

/**
 * Waits until each has what its application was for: a token, of the new material where there is new material. Gives up
 * once none got one for `APPLY_WAIT_MS`. Only the keepers' clock is asked.
 */
async function waitForAll(
  reader: Appliers['reader'],
  kept: Map<string, Kept>,
  settle: (result: AppliedCredential) => void,
): Promise<void> {
  let movedAtMs = performance.now();
  while (kept.size > 0) {
    const startedAtMs = performance.now();
    const isOver = startedAtMs - movedAtMs >= APPLY_WAIT_MS;
    await mapConcurrently([...kept], async ([id, outcome]) => {
      const result = await look(reader, id, outcome, isOver);
      if (result === undefined) return;
      kept.delete(id);
      movedAtMs = performance.now();
      settle(result);
    });
    if (kept.size === 0) return;
    const tookMs = performance.now() - startedAtMs;
    await delay(Math.max(APPLY_POLL_MS, tookMs * (1 / APPLY_POLL_SHARE - 1)));
  }
}

async function look(
  reader: Appliers['reader'],
  id: string,
  outcome: Kept,
  isOver: boolean,
): Promise<AppliedCredential | undefined> {
  try {
    const status = await reader.status(id);
    const progress = progressOf(id, status, outcome);
    if (progress === 'served') return { id, outcome, status, exitCode: EXIT_CODES.done };
    if (progress !== 'waiting') return failedResult(id, progress);
    return isOver ? failedResult(id, noToken(id, status)) : undefined;
  } catch (error) {
    // A server that is busy is asked again; that it was applied is certain.
    const isPassing = error instanceof TokenError && error.code === 'UNAVAILABLE';
    return isPassing && !isOver ? undefined : failedResult(id, error);
  }
}

/** Whether a keeper has what its application was for, may yet get it, or never will. */
function progressOf(
  id: string,
  { status, expiresAtMs, awaitsRefresh, lastFailure }: CredentialStatus,
  outcome: Kept,
): 'served' | 'waiting' | TokenError {
  const servesOn = outcome === 'unchanged' || outcome === 'updated';
  const isRefused = !servesOn && lastFailure?.code === LOGIN_REPLACED;
  if ((status === 'failed' || isRefused) && lastFailure !== undefined) {
    return permanentlyFailed(id, lastFailure);
  }
  const isServed = expiresAtMs !== undefined && status !== 'expired';
  if (isServed && (servesOn || !awaitsRefresh)) return 'served';
  return status === 'client-rejected' ? noToken(id, { lastFailure }) : 'waiting';
}

function noToken(
  id: string,
  { lastFailure }: { readonly lastFailure?: CredentialStatus['lastFailure'] | undefined },
): TokenError {
  const why = lastFailure === undefined ? '' : `; ${lastFailure.code}: ${lastFailure.action}`;
  return new TokenError('NOT_FRESH_IN_TIME', id, `kept, but no token came yet${why}`);
}
