import type { CredentialSpec, Material, Token } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { KeeperState, LoginState } from '../contract/keeper.js';
import type { ApplyOutcome, ApplyRefusal, ApplyRequest } from '../contract/messages.js';
import { pendingForceAfter } from './forced-refresh.js';
import { earlierLogins, lineageOf, loginOf } from './lineage.js';
import { EARLIER_LOGINS_MAX } from './keeper-numbers.js';
import { replacedLoginMessage } from './operator-action.js';
import { leadByRuleMs, refreshDueAtMs } from './refresh-time.js';
import { restarted } from './restarted.js';
import { asksTheSame, isSameCredential } from './same-credential.js';
import { actedOnOf } from './operator-messages.js';
import { hasEnded, withStatus } from './status.js';
import { formerStatesWith, movedJournal } from './unconfirmed-login.js';

/** An application that is not carried out. */
export interface Refused {
  readonly refused: ApplyRefusal;
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
  if (isReauthorization(state.spec, spec)) return withOtherLogin(state, request, nowMs);
  const material = mergedMaterial(state.spec, spec);
  const next: CredentialSpec = { ...spec, material };
  // A keeper that was started anew with an earlier login does not know that it is one; the journal does.
  const counted = { application, ...defined({ returns: request.returns }) };
  if (isSameCredential(state.spec, next)) {
    // Its number counts all the same: a keeper that was reset takes the place of the application that it forgot.
    const same = { ...state, ...counted };
    // A secret that the worker reads may have been repaired, which only an attempt can see.
    const isClientRejected = state.lastFailure?.type === 'ClientRejectedError';
    return { state: isClientRejected ? forced(same, nowMs) : same, outcome: 'unchanged' };
  }
  const before = asksTheSame(state.spec, next) ? state : withoutRefusals(state, nowMs);
  return { state: updated({ ...before, ...counted }, next, nowMs), outcome: 'updated' };
}

/** A rejection was of what is asked no more, so it must not hide what the next attempts meet, nor keep any from being sent. */
function withoutRefusals(state: KeeperState, nowMs: number): KeeperState {
  const { refusedInDoubtSinceMs: _ofBefore, ...kept } = state;
  const { lastFailure, ...rest } = kept;
  return lastFailure?.type === 'ClientRejectedError' ? withStatus(rest, nowMs) : kept;
}

function withOtherLogin(
  state: KeeperState,
  request: ApplyRequest,
  nowMs: number,
): Applied | Refused {
  const lineage = lineageOf(request.spec);
  const former = state.formerStates?.find(
    ({ spec }) => spec.provider === request.spec.provider && lineageOf(spec) === lineage,
  );
  const isReturn = request.returns === true;
  if (!isReturn && former?.isLoginUnconfirmed === true) {
    return backTo(former, state, request, nowMs);
  }
  const replaced = loginOf(state.earlierLogins, lineage);
  if (isReturn || replaced === undefined) {
    return { state: reauthorized(state, request, nowMs), outcome: 'reauthorized' };
  }
  const { refused } = refusal(state, 'replaced-login', replacedLoginMessage(replaced.replacedAtMs));
  return { refused: former === undefined ? refused : { ...refused, isUnconfirmed: true } };
}

/**
 * Nobody knows which of two logins is the later one until the journal was asked about one of them. One that had ended before
 * the other was applied goes on only as it would in a run of its own.
 */
function backTo(
  former: LoginState,
  state: KeeperState,
  request: ApplyRequest,
  nowMs: number,
): Applied | Refused {
  const moved = { ...former, ...movedJournal(former, state, nowMs) };
  const next = applied(moved, request, nowMs);
  if ('refused' in next) return next;
  const goesOn = hasEnded(former.status) ? restarted(former, next.state, nowMs) : next;
  if ('refused' in goesOn) return goesOn;
  const others = (state.formerStates ?? []).filter((each) => each !== former);
  const formerStates = formerStatesWith({ ...state, formerStates: others });
  return { state: { ...goesOn.state, formerStates, ...actedOnOf(state) }, outcome: 'reauthorized' };
}

function refusal(state: KeeperState, reason: ApplyRefusal['reason'], message: string): Refused {
  return { refused: { reason, application: state.application, message } };
}

function isReauthorization(current: CredentialSpec, next: CredentialSpec): boolean {
  return current.provider !== next.provider || lineageOf(current) !== lineageOf(next);
}

/** When the former lineage was refreshed or refused does not hold the new one back. */
function reauthorized(
  state: KeeperState,
  { spec, application, returns }: ApplyRequest,
  nowMs: number,
): KeeperState {
  const { epoch, generation, journalId, token: oldToken } = state;
  const sameProvider = state.spec.provider === spec.provider;
  // Also of another provider: a field that was applied with the same value has rotated since all the same.
  const material = mergedMaterial(state.spec, spec);
  const replaced = { lineage: lineageOf(state.spec), replacedAtMs: nowMs };
  return withStatus(
    {
      spec: { ...spec, material },
      epoch: epoch + 1,
      application,
      earlierLogins: earlierLogins(
        lineageOf(spec),
        EARLIER_LOGINS_MAX,
        [replaced],
        state.earlierLogins,
      ),
      isLoginUnconfirmed: true,
      formerStates: formerStatesWith(state),
      ...actedOnOf(state),
      ...defined({ returns, journalId }),
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

/** The state with a refresh that cuts a backoff short. */
function forced(state: KeeperState, nowMs: number): KeeperState {
  const force = pendingForceAfter(state, { generation: state.generation, cuts: 'backoff' }, nowMs);
  return { ...state, ...defined({ pendingForce: force }) };
}

function updated(state: KeeperState, spec: CredentialSpec, nowMs: number): KeeperState {
  const { seedToken } = spec;
  if (seedToken !== undefined && isCorrected(state.token, seedToken)) {
    // The refresh that was wanted by the wrong expiry is not, and the status was that of the wrong one, too.
    const { wantedSinceMs: _before, ...rest } = state;
    return withStatus({ ...rest, spec, ...seeded(spec, nowMs) }, nowMs);
  }
  if (state.wantedSinceMs !== undefined || state.token === undefined) {
    return forced({ ...state, spec }, nowMs);
  }
  const settled = { ...state, spec, isUnrecorded: true as const };
  // The policy's lead for this token was fixed when the token came. A lead from the file counts at once.
  const { leadMs } = spec.timing;
  return leadMs === undefined
    ? settled
    : { ...settled, nextRefreshAtMs: refreshDueAtMs(state.token, spec.timing, leadMs) };
}

/** The file now says otherwise how long the very token lives that it brought. */
function isCorrected(held: Token | undefined, seed: Token): boolean {
  return held?.value === seed.value && held.expiresAtMs !== seed.expiresAtMs;
}

/**
 * What a token that the material contains adds to a state. It is dated here: whoever applied it
 * cannot know what the keeper's clock says.
 */
export function seeded(
  spec: CredentialSpec,
  nowMs: number,
): Partial<Pick<KeeperState, 'token' | 'nextRefreshAtMs' | 'isUnrecorded'>> {
  if (spec.seedToken === undefined) return {};
  const token = { ...spec.seedToken, issuedAtMs: Math.min(spec.seedToken.issuedAtMs, nowMs) };
  const leadMs = spec.seedLead === undefined ? 0 : leadByRuleMs(token, spec.seedLead);
  const nextRefreshAtMs = refreshDueAtMs(token, spec.timing, leadMs);
  return { token, nextRefreshAtMs, isUnrecorded: true };
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
