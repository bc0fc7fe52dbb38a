import type { Token, TokenFacts } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { Doubt } from '../contract/journal-entry.js';
import type { RecordedLogin, RefreshRequest, RefreshResult } from '../contract/refresh-activity.js';
import { classifyRefusal, leavesDoubt, mayStillRun } from '../policy/classify.js';
import { mergedExtras } from '../policy/extras.js';
import { httpDateMs } from '../policy/http-date.js';
import { statedLifetimeMs, tokenLife } from '../policy/lifetime.js';
import type { NoToken } from '../policy/no-token.js';
import { refreshLeadMs } from '../policy/refresh-time.js';
import { retryAfterMs } from '../policy/retry-after.js';
import { isStillValid } from '../policy/validity.js';
import type { Judgement, WireAnswer } from '../providers/port.js';
import type { WireError } from '../providers/wire-error.js';
import { jwtTimes } from '../providers/wire/jwt.js';
import type { BoundCredential } from './bound-credential.js';

export type JudgedAnswer =
  | {
      readonly result: RefreshResult;
      /** What the next refresh spends is in doubt: the answer may have replaced it by what cannot be used. */
      readonly doubt?: Doubt;
    }
  | { readonly noToken: NoToken };

type TokenJudgement = Extract<Judgement, { kind: 'token' }>;

/** What an answer is judged by beside itself. */
export interface Sent {
  readonly bound: BoundCredential;
  readonly request: RefreshRequest;
  /** The login that the request spends the material of. */
  readonly login: RecordedLogin;
  readonly journalId: string;
  /** When the request went out, from which a token's life counts. */
  readonly sentAtMs: number;
  /** 0 to 1, drawn for the token that may come. */
  readonly jitter: number;
}

export function judgeAnswer(sent: Sent, answer: WireAnswer): JudgedAnswer {
  const { bound, request, sentAtMs } = sent;
  const judgement = bound.provider.judge(answer);
  if (judgement.kind === 'token') {
    return resultOf(sent, judgement, httpDateMs(answer.headers['date'], sentAtMs));
  }
  const verdict = classifyRefusal(
    { ...judgement, status: answer.status },
    {
      codes: bound.provider.codes,
      spendsAccessToken: bound.provider.spendsToken,
      tokenHasExpired: hasExpired(request.currentToken, sentAtMs),
    },
  );
  const waitMs = retryAfterMs(answer.headers['retry-after'], answer.headers['date'], sentAtMs);
  return {
    noToken: {
      ...verdict,
      httpStatus: answer.status,
      ...defined({ retryAfterMs: waitMs }),
      leavesDoubt: leavesDoubt({ ...judgement, status: answer.status }),
      mayStillRun: mayStillRun(answer.status),
      ...successorOf(bound, judgement.replacedMaterial),
    },
  };
}

/** What a request without a usable answer means: it is tried again, whatever the cause. */
export function judgeWireError(error: WireError): NoToken {
  return {
    meaning: error.code === 'destination_refused' ? 'misconfigured' : 'retry',
    code: error.code,
    leavesDoubt: error.mayHaveBeenSent,
    mayStillRun: error.mayHaveBeenSent && error.code !== 'answer_too_large',
  };
}

/** The end of a life that was only assumed proves nothing. */
function hasExpired(token: TokenFacts | undefined, nowMs: number): boolean | 'unknown' {
  if (token === undefined) return 'unknown';
  if (isStillValid(token, nowMs)) return false;
  return token.isLifetimeAssumed === true ? 'unknown' : true;
}

function successorOf(
  { provider, material, heldFingerprint }: BoundCredential,
  replacedMaterial: Readonly<Record<string, string>> = {},
): Pick<NoToken, 'successor'> {
  const next = replacedMaterial[provider.spentField];
  return next === undefined || next === material[provider.spentField]
    ? {}
    : { successor: { of: heldFingerprint, replacedMaterial } };
}

/** The spent field goes into the record even if it was not replaced: after a reset the keeper may hold an older one. */
function keptMaterial(
  bound: BoundCredential,
  request: RefreshRequest,
): Readonly<Record<string, string>> {
  const { spentField } = bound.provider;
  const spent = bound.material[spentField];
  const isLiteral = typeof request.material[spentField] === 'string';
  return isLiteral && spent !== undefined ? { [spentField]: spent } : {};
}

/**
 * When the material expires. If it was not replaced, what was said of it before still holds, unless it has outlived
 * that.
 */
function materialExpiryMs(
  bound: BoundCredential,
  before: TokenFacts | undefined,
  judgement: TokenJudgement,
  sentAtMs: number,
): number | undefined {
  const { lifetimeUnit } = bound.provider;
  const lifetimeMs = statedLifetimeMs(judgement.materialLifetime, lifetimeUnit, sentAtMs);
  if (lifetimeMs !== undefined) return sentAtMs + lifetimeMs;
  const known = before?.materialExpiresAtMs;
  const isReplaced = leavesSuccessor(bound, judgement);
  return isReplaced || known === undefined || known <= sentAtMs ? undefined : known;
}

function resultOf(
  sent: Sent,
  judgement: TokenJudgement,
  answeredAtMs: number | undefined,
): Exclude<JudgedAnswer, { noToken: NoToken }> {
  const { bound, request, sentAtMs } = sent;
  const before = request.currentToken;
  const jwt = jwtTimes(judgement.value);
  const defaultMs = request.timing.defaultLifetimeMs ?? bound.provider.timing.defaultLifetimeMs;
  const { maxLifetimeMs: maxMs } = request.timing;
  const { lifeMs, isStatedTime, isDoubted, isAssumed } = tokenLife(
    {
      field: judgement.lifetime,
      unit: bound.provider.lifetimeUnit,
      ...defined({ jwt, answeredAtMs, defaultMs, maxMs }),
    },
    sentAtMs,
  );
  const materialExpiresAtMs = materialExpiryMs(bound, before, judgement, sentAtMs);
  // RFC 6749, section 5.1: an omitted scope is the one that was asked for, so the old one stays.
  const scope = judgement.scope ?? before?.scope;
  const extras = mergedExtras(before?.extras, judgement.extras);
  const token: Token = {
    value: judgement.value,
    tokenType: judgement.tokenType,
    issuedAtMs: sentAtMs,
    expiresAtMs: sentAtMs + lifeMs,
    ...(isDoubted ? { isLifetimeDoubted: true } : {}),
    ...(isAssumed ? { isLifetimeAssumed: true } : {}),
    ...defined({ materialExpiresAtMs, scope }),
    ...(Object.keys(extras).length === 0 ? {} : { extras }),
  };
  const result: RefreshResult = {
    ...sent.login,
    credentialId: request.credentialId,
    generation: request.generation + 1,
    token,
    // Nothing waits for the server's word before the answer is recorded.
    waitedMs: 0,
    ...(isStatedTime ? { hasStatedExpiry: true } : {}),
    refreshLeadMs: refreshLeadMs(token, {
      timing: request.timing,
      spendsToken: bound.provider.spendsToken,
      jitter: sent.jitter,
    }),
    journalId: sent.journalId,
    replacedMaterial: { ...keptMaterial(bound, request), ...judgement.replacedMaterial },
  };
  const isInDoubt = judgement.isReplacementLost === true && !leavesSuccessor(bound, judgement);
  return isInDoubt
    ? { result, doubt: { fingerprint: bound.fingerprint, sinceMs: sentAtMs } }
    : { result };
}

function leavesSuccessor(
  { provider }: BoundCredential,
  { replacedMaterial }: TokenJudgement,
): boolean {
  return Object.hasOwn(replacedMaterial, provider.spentField);
}
