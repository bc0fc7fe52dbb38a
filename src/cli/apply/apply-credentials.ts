import { isUnavailable, TokenError } from '../../client/token-error.js';
import type { CredentialSpec } from '../../contract/credential.js';
import type { ApplyOptions } from '../../keepers/apply-result.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { EXIT_CODES } from '../exit-codes.js';
import { APPLY_UNSERVED_MS } from '../numbers.js';
import {
  type AppliedCredential,
  type Appliers,
  failedResult,
  type Kept,
} from './applied-credential.js';
import { Patience } from './patience.js';
import { inRandomOrder } from './random-order.js';
import { waitForAll } from './wait-for-all.js';

/** How credentials are applied. */
export interface ApplyCredentialsOptions extends Pick<ApplyOptions, 'returns'> {
  /** Whether to wait for tokens. Default: yes. */
  readonly wait?: boolean;
  /** Ends the waiting at once. What was not applied by then is not, and is said to have failed. */
  readonly signal?: AbortSignal;
  /** Gets each result as it comes. */
  readonly onResult: (result: AppliedCredential) => void;
}

/**
 * Applies credentials, many at once, and meanwhile waits for them together until each has a token or a failure. A credential
 * that Temporal shows to be unchanged costs no call.
 */
export async function applyCredentials(
  appliers: Appliers,
  specs: readonly CredentialSpec[],
  { returns, wait = true, signal, onResult }: ApplyCredentialsOptions,
): Promise<readonly AppliedCredential[]> {
  const results = new Map<string, AppliedCredential>();
  const kept = new Map<string, Kept>();
  const settle = (result: AppliedCredential): void => {
    results.set(result.id, result);
    onResult(result);
  };
  const options = returns === undefined ? {} : { returns };
  // A return is asked for on purpose, so it counts even if nothing else changes.
  const known = returns === undefined ? await appliers.keepers.known(specs) : undefined;
  // One for both, so that a server that goes away in between is not waited for twice.
  const patience = new Patience(signal);
  const applied = new AbortController();
  const changed = specs.filter(({ id }) => {
    const before = known?.get(id);
    if (before === undefined || before.is === 'new') return true;
    settle(
      before.is === 'refused'
        ? refusedCredential(id, before.reason)
        : { id, outcome: 'unchanged', status: before.status, exitCode: EXIT_CODES.done },
    );
    return false;
  });
  let unservedBecause: string | undefined;
  const applying = mapConcurrently(inRandomOrder(changed), async (spec) => {
    const { id } = spec;
    const isNew = known?.get(id)?.is === 'new' ? { isNew: true as const } : {};
    // Only a keeper that runs needs a worker to be told something.
    const unserved = isNew.isNew ? undefined : unservedBecause;
    const why = patience.isOver() ? 'no other could be for a minute; apply again' : unserved;
    if (why !== undefined) {
      settle(failedResult(id, new TokenError('UNAVAILABLE', id, `not applied: ${why}`)));
      return;
    }
    try {
      const application = await appliers.keepers.apply(spec, { ...options, ...isNew });
      patience.renew();
      const { outcome } = application;
      if (outcome === 'refused') {
        settle(refusedCredential(id, application.reason));
      } else if (wait) kept.set(id, outcome);
      else settle({ id, outcome, exitCode: EXIT_CODES.done });
    } catch (error) {
      settle(failedResult(id, error));
      if (isUnavailable(error) && patience.idleMs() >= APPLY_UNSERVED_MS) {
        // A server that does not tell is no reason.
        unservedBecause ??= await appliers.unserved?.().catch(() => undefined);
      }
    }
  }).finally(() => applied.abort());
  await Promise.all([
    applying,
    waitForAll(appliers, { kept, applied: applied.signal, patience }, settle),
  ]);
  return specs.flatMap(({ id }) => results.get(id) ?? []);
}

function refusedCredential(id: string, reason: string): AppliedCredential {
  return { id, outcome: 'failed', reason, exitCode: EXIT_CODES.permanentlyFailed };
}

/** One exit code for all: that of the failures, if they agree. */
export function exitCodeOfAll(results: readonly AppliedCredential[]): number {
  const codes = new Set(results.map(({ exitCode }) => exitCode).filter((code) => code !== 0));
  const [code] = codes;
  if (code === undefined) return EXIT_CODES.done;
  return codes.size === 1 ? code : EXIT_CODES.failed;
}
