import type { Token, TokenFacts } from '../contract/credential.js';
import type { KeeperState } from '../contract/keeper.js';
import type { EnsureFreshRequest } from '../contract/messages.js';

/** Whether a token lives longer than that from now. */
export function isValidFor(token: TokenFacts, minValidityMs: number, nowMs: number): boolean {
  return token.expiresAtMs - nowMs > minValidityMs;
}

/** Whether there is a token and it has not expired. */
export function isStillValid(token: TokenFacts | undefined, nowMs: number): boolean {
  return token !== undefined && isValidFor(token, 0, nowMs);
}

/** Whether the keeper's token is what the caller wants. */
export function satisfies(
  state: Pick<KeeperState, 'token' | 'generation'>,
  request: Pick<EnsureFreshRequest, 'minValidityMs'> & {
    readonly afterGeneration?: number | undefined;
  },
  nowMs: number,
): boolean {
  if (state.token === undefined || !isValidFor(state.token, request.minValidityMs, nowMs)) {
    return false;
  }
  return request.afterGeneration === undefined || state.generation > request.afterGeneration;
}

/** Why no fresh token could satisfy the caller, judged by the life of the current one; `undefined` if one could. */
export function unsatisfiable(
  token: Token | undefined,
  request: Pick<EnsureFreshRequest, 'minValidityMs'>,
): string | undefined {
  const { minValidityMs } = request;
  if (!Number.isFinite(minValidityMs) || minValidityMs < 0) {
    return 'minValidityMs must be a number of milliseconds, 0 or more';
  }
  if (token === undefined) return undefined;
  const lifeMs = token.expiresAtMs - token.issuedAtMs;
  return minValidityMs < lifeMs
    ? undefined
    : `no fresh token lives that long [minValidityMs=${minValidityMs}, lifeMs=${lifeMs}]`;
}
