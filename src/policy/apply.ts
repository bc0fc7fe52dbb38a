import type {
  CredentialSpec,
  Fingerprints,
  Json,
  Material,
  Token,
} from '../contract/credential.js';
import type { KeeperInput, KeeperState } from '../contract/keeper.js';
import type { ApplyOutcome, ApplyRefusal, ApplyRequest } from '../contract/messages.js';
import { pendingForceAfter } from './forced-refresh.js';
import { earlierLogins, lineageOf, loginOf } from './lineage.js';
import { replacedLoginMessage } from './operator-action.js';
import { isMaterialRefused } from './refused-material.js';
import { leadByRuleMs, refreshDueAtMs } from './refresh-time.js';
import { keeperStatus } from './status.js';

/** An application that is not carried out; `message` is for people. */
export interface Refused {
  readonly refused: ApplyRefusal & { readonly message: string };
}

/** State of a keeper that starts for the first time. */
export function startingState(
  { spec, application, returns }: ApplyRequest,
  nowMs: number,
): KeeperState {
  return withStatus(
    {
      generation: 0,
      epoch: 1,
      application,
      earlierLogins: [],
      ...(returns === undefined ? {} : { returns }),
      status: 'retrying',
      spec,
      nextRefreshAtMs: nowMs,
      failureStreak: 0,
      ...seeded(spec, nowMs),
    },
    nowMs,
  );
}

/** State with which a run begins. It is refused only where nobody checked it before the start. */
export function beginningState(
  { apply, state }: KeeperInput,
  nowMs: number,
): KeeperState | Refused {
  if (apply === undefined) {
    if (state === undefined) throw new Error('a run begins with a state or an application');
    return state;
  }
  if (state === undefined) return startingState(apply, nowMs);
  const resumption = resumed(state, apply, nowMs);
  return 'refused' in resumption ? resumption : resumption.state;
}

/** A state after an application, and what the application did. */
export interface Applied {
  readonly state: KeeperState;
  readonly outcome: ApplyOutcome;
}

/**
 * Applies a credential to a keeper. Only material whose fingerprint changed since it was last applied is replaced, so
 * a file with the first refresh token never overwrites the one that rotation has since produced. Refused are an
 * application that is not newer than the last one, and material of a login that a later one replaced, unless the
 * application returns to it on purpose.
 */
export function applied(
  state: KeeperState,
  request: ApplyRequest,
  nowMs: number,
): Applied | Refused {
  const { spec, application } = request;
  if (application <= state.application)
    return refusal(state, 'outdated', 'it is older than the last');
  if (isReauthorization(state.spec, spec)) {
    const replaced = loginOf(state.earlierLogins, lineageOf(spec));
    return replaced === undefined || request.returns === true
      ? { state: reauthorized(state, request, nowMs), outcome: 'reauthorized' }
      : refusal(state, 'replaced-login', replacedLoginMessage(replaced.replacedAtMs));
  }
  const material = mergedMaterial(state.spec, spec);
  const next: CredentialSpec = { ...spec, material };
  if (isSame(comparable(state.spec), comparable(next))) {
    // Its number counts all the same: a keeper that was reset takes the place of the application that it forgot.
    return { state: { ...state, application }, outcome: 'unchanged' };
  }
  return { state: updated({ ...state, application }, next, nowMs), outcome: 'updated' };
}

/** What becomes of a closed keeper to which a credential is applied. */
export type Resumption =
  { readonly state: KeeperState; readonly outcome: 'restarted' | 'reauthorized' } | Refused;

/**
 * State of a new run after a closed one. A keeper of a rotating provider whose material was spent or refused by the
 * provider is not started again with nothing changed: asking again could revoke the whole grant.
 */
export function resumed(previous: KeeperState, request: ApplyRequest, nowMs: number): Resumption {
  const next = applied(previous, request, nowMs);
  if ('refused' in next) return next;
  const { state, outcome } = next;
  if (outcome === 'reauthorized') return { state, outcome };
  const { lastFailure: ending, status } = previous;
  if (status === 'failed' && outcome === 'unchanged' && request.spec.traits.rotates) {
    if (isMaterialRefused(ending)) {
      const message = `the material is the one that ended the keeper [code=${ending?.code ?? 'unknown'}]; apply new material`;
      return {
        refused: { reason: 'refused-material', application: previous.application, message },
      };
    }
  }
  const { pendingForce: _force, lastFailure: _failure, wantedSinceMs: _since, ...rest } = state;
  const doubtSinceMs = previous.doubtSinceMs ?? previous.lastRefreshStartedAtMs;
  const wasCutShort = status !== 'failed' && status !== 'stopped';
  return {
    outcome: 'restarted',
    state: withStatus(
      {
        ...rest,
        application: request.application,
        failureStreak: 0,
        nextRefreshAtMs: status === 'failed' ? nowMs : state.nextRefreshAtMs,
        ...(wasCutShort && doubtSinceMs !== undefined ? { doubtSinceMs } : {}),
      },
      nowMs,
    ),
  };
}

function refusal(state: KeeperState, reason: ApplyRefusal['reason'], message: string): Refused {
  return { refused: { reason, application: state.application, message } };
}

function isReauthorization(current: CredentialSpec, next: CredentialSpec): boolean {
  return current.provider !== next.provider || lineageOf(current) !== lineageOf(next);
}

/** What the lineage before was refreshed and refused at holds the new one not back. */
function reauthorized(
  state: KeeperState,
  { spec, application, returns }: ApplyRequest,
  nowMs: number,
): KeeperState {
  const { epoch, generation, journalId, token: oldToken } = state;
  const sameProvider = state.spec.provider === spec.provider;
  const material = sameProvider ? mergedMaterial(state.spec, spec) : spec.material;
  const replaced = { lineage: lineageOf(state.spec), replacedAtMs: nowMs };
  return withStatus(
    {
      status: 'retrying',
      spec: { ...spec, material },
      epoch: epoch + 1,
      application,
      earlierLogins: earlierLogins(lineageOf(spec), [replaced], state.earlierLogins),
      ...(returns === undefined ? {} : { returns }),
      ...(journalId === undefined ? {} : { journalId }),
      generation: spec.seedToken === undefined ? generation : generation + 1,
      ...(oldToken !== undefined && sameProvider ? { token: withoutMaterialExpiry(oldToken) } : {}),
      nextRefreshAtMs: nowMs,
      failureStreak: 0,
      ...seeded(spec, nowMs),
    },
    nowMs,
  );
}

function withoutMaterialExpiry({ materialExpiresAtMs: _old, ...token }: Token): Token {
  return token;
}

function updated(state: KeeperState, spec: CredentialSpec, nowMs: number): KeeperState {
  if (state.wantedSinceMs !== undefined || state.token === undefined) {
    const force = pendingForceAfter(
      state,
      { generation: state.generation, cuts: 'backoff' },
      nowMs,
    );
    return { ...state, spec, ...(force === undefined ? {} : { pendingForce: force }) };
  }
  // What the policy's own lead is for this token was decided when it came; a lead of the file counts at once.
  const { leadMs } = spec.timing;
  return leadMs === undefined
    ? { ...state, spec }
    : { ...state, spec, nextRefreshAtMs: refreshDueAtMs(state.token, spec.timing, leadMs) };
}

/** The token is dated here: whoever applied it cannot know what the keeper's clock says. */
function seeded(
  spec: CredentialSpec,
  nowMs: number,
): Partial<Pick<KeeperState, 'token' | 'nextRefreshAtMs'>> {
  if (spec.seedToken === undefined) return {};
  const token = { ...spec.seedToken, issuedAtMs: Math.min(spec.seedToken.issuedAtMs, nowMs) };
  const leadMs = spec.seedLead === undefined ? 0 : leadByRuleMs(token, spec.seedLead);
  return { token, nextRefreshAtMs: refreshDueAtMs(token, spec.timing, leadMs) };
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
