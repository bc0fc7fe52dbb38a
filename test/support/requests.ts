import type { CredentialSpec } from '../../src/contract/credential.js';
import type {
  ApplyRequest,
  EnsureFreshRequest,
  ForceRefreshRequest,
} from '../../src/contract/messages.js';

/** Above every generation of a test's keeper, so that it counts as the current one. */
export const ANY_GENERATION = 1_000_000;

let madeAtMs = 0;

/** The time of an operator's message: later than all before it, so that none counts as a copy. */
export function wantedAtMs(): number {
  madeAtMs = Math.max(Date.now(), madeAtMs + 1);
  return madeAtMs;
}

/** An operator's force, whatever the keeper's generation. */
export function forceRequest(overrides: Partial<ForceRefreshRequest> = {}): ForceRefreshRequest {
  return {
    unusableGeneration: ANY_GENERATION,
    cuts: 'backoff',
    wantedAtMs: wantedAtMs(),
    ...overrides,
  };
}

/** The wish of a caller who has seen the generation after which it wants one; by default none. */
export function freshRequest(overrides: Partial<EnsureFreshRequest> = {}): EnsureFreshRequest {
  return { minValidityMs: 0, generation: overrides.afterGeneration ?? 0, ...overrides };
}

let applications = 0;

/** An application that is newer than all before it. */
export function applyRequest(
  spec: CredentialSpec,
  overrides: Partial<Omit<ApplyRequest, 'spec'>> = {},
): ApplyRequest {
  applications = Math.max(Date.now(), applications + 1);
  return { spec, application: applications, useSearchAttributes: true, ...overrides };
}
