import type {
  CredentialSpec,
  Fingerprints,
  Json,
  Material,
  Token,
} from '../contract/credential.js';
import type { KeeperState } from '../contract/keeper.js';
import type { ApplyOutcome } from '../contract/messages.js';
import { refreshDueAtMs } from './refresh-time.js';
import { keeperStatus } from './status.js';

/** State of a keeper that starts for the first time. `keeperId` is a UUID; `jitter` is 0 to 1. */
export function startingState(
  spec: CredentialSpec,
  draws: { readonly keeperId: string; readonly jitter: number },
  nowMs: number,
): KeeperState {
  return withStatus(
    {
      keeperId: draws.keeperId,
      generation: 0,
      epoch: 1,
      status: 'retrying',
      spec,
      nextRefreshAtMs: nowMs,
      failureStreak: 0,
      ...seeded(spec, draws.jitter),
    },
    nowMs,
  );
}

/** A state after an application, and what the application did. */
export interface Applied {
  readonly state: KeeperState;
  readonly outcome: ApplyOutcome;
}

/**
 * Applies a credential to a keeper. Only material whose fingerprint changed since it was last applied is
 * replaced, so a file with the first refresh token never overwrites the one that rotation has since produced.
 */
export function applied(
  state: KeeperState,
  spec: CredentialSpec,
  jitter: number,
  nowMs: number,
): Applied {
  if (isReauthorization(state.spec, spec)) {
    return { state: reauthorized(state, spec, jitter, nowMs), outcome: 'reauthorized' };
  }
  const material = mergedMaterial(state.spec, spec);
  const next: CredentialSpec = { ...spec, material };
  if (isSame(comparable(state.spec), comparable(next))) return { state, outcome: 'unchanged' };
  return { state: updated(state, next, jitter, nowMs), outcome: 'updated' };
}

/** What becomes of a closed keeper to which a credential is applied. */
export type Resumption =
  | { readonly state: KeeperState; readonly outcome: 'restarted' | 'reauthorized' }
  | { readonly refused: string };

/**
 * State of a new run after a closed one. A failed keeper of a rotating provider is not started again with
 * nothing changed: its material was spent or refused, and asking again could revoke the whole grant.
 */
export function resumed(
  previous: KeeperState,
  spec: CredentialSpec,
  jitter: number,
  nowMs: number,
): Resumption {
  const { state, outcome } = applied(previous, spec, jitter, nowMs);
  if (outcome === 'reauthorized') return { state, outcome };
  if (previous.status === 'failed' && outcome === 'unchanged' && spec.traits.rotates) {
    return {
      refused: `the material is the one that ended the keeper [code=${previous.lastFailure?.code ?? 'unknown'}]; apply new material`,
    };
  }
  const { pendingForce: _force, lastFailure: _failure, wantedSinceMs: _since, ...rest } = state;
  const doubtSinceMs = previous.doubtSinceMs ?? previous.lastRefreshStartedAtMs;
  const wasCutShort = previous.status !== 'failed' && previous.status !== 'stopped';
  return {
    outcome: 'restarted',
    state: withStatus(
      {
        ...rest,
        failureStreak: 0,
        nextRefreshAtMs: previous.status === 'failed' ? nowMs : state.nextRefreshAtMs,
        ...(wasCutShort && doubtSinceMs !== undefined ? { doubtSinceMs } : {}),
      },
      nowMs,
    ),
  };
}

function isReauthorization(current: CredentialSpec, next: CredentialSpec): boolean {
  const field = next.traits.spentField;
  return (
    current.provider !== next.provider || current.fingerprints[field] !== next.fingerprints[field]
  );
}

/** The new lineage has no past: what the old one was refreshed and refused at holds nothing back. */
function reauthorized(
  state: KeeperState,
  spec: CredentialSpec,
  jitter: number,
  nowMs: number,
): KeeperState {
  const { keeperId, epoch, generation, token: oldToken } = state;
  const sameProvider = state.spec.provider === spec.provider;
  const material = sameProvider ? mergedMaterial(state.spec, spec) : spec.material;
  return withStatus(
    {
      keeperId,
      status: 'retrying',
      spec: { ...spec, material },
      epoch: epoch + 1,
      generation: spec.seedToken === undefined ? generation : generation + 1,
      ...(oldToken !== undefined && sameProvider ? { token: withoutMaterialExpiry(oldToken) } : {}),
      nextRefreshAtMs: nowMs,
      failureStreak: 0,
      ...seeded(spec, jitter),
    },
    nowMs,
  );
}

function withoutMaterialExpiry({ materialExpiresAtMs: _old, ...token }: Token): Token {
  return token;
}

function updated(
  state: KeeperState,
  spec: CredentialSpec,
  jitter: number,
  nowMs: number,
): KeeperState {
  if (state.wantedSinceMs !== undefined || state.token === undefined) {
    const force = { requestedAtMs: nowMs, overrideRetryAfter: false };
    return { ...state, spec, pendingForce: state.pendingForce ?? force };
  }
  return { ...state, spec, nextRefreshAtMs: refreshDueAtMs(state.token, spec.timing, jitter) };
}

function seeded(
  spec: CredentialSpec,
  jitter: number,
): Partial<Pick<KeeperState, 'token' | 'nextRefreshAtMs'>> {
  const token = spec.seedToken;
  if (token === undefined) return {};
  return { token, nextRefreshAtMs: refreshDueAtMs(token, spec.timing, jitter) };
}

function withStatus(state: KeeperState, nowMs: number): KeeperState {
  return { ...state, status: keeperStatus(state, nowMs) };
}

function mergedMaterial(current: CredentialSpec, next: CredentialSpec): Material {
  return Object.fromEntries(
    Object.entries(next.material).map(([field, value]) => {
      const kept = current.material[field];
      const isUnchanged = current.fingerprints[field] === next.fingerprints[field];
      return [field, isUnchanged && kept !== undefined ? kept : value];
    }),
  );
}

/** What an application can change; the seed token belongs to the moment of the first start. */
function comparable(spec: CredentialSpec): Json {
  const { config, material, timing, traits } = spec;
  const fingerprints: Fingerprints = spec.fingerprints;
  return { config, material, fingerprints, timing: { ...timing }, traits: { ...traits } };
}

function isSame(left: Json, right: Json): boolean {
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
