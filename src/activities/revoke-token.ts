import { type ApplicationFailure, Context } from '@temporalio/activity';
import { defined } from '../contract/defined.js';
import type { FailureCode } from '../contract/failures.js';
import { LOG_KEYS } from '../contract/names.js';
import type { RevokeTokenRequest, RevokeTokenResult } from '../contract/revocation.js';
import type { JournalChange } from '../journal/port.js';
import { REVOKE_REQUEST_MAX_AGE_MS, REVOKE_SEND_WITHIN_MS } from '../policy/attempt-numbers.js';
import { isNewestMaterial, withRevokedAnswer } from '../policy/revocable-material.js';
import type { ConfiguredProvider, Now, WireAnswer, WireRequest } from '../providers/port.js';
import { WireError } from '../providers/wire-error.js';
import { countElapsed } from '../providers/wire/elapsed.js';
import { isSuccess } from '../providers/wire/judgement.js';
import { bindCredential, leftBy, type BoundCredential, withSuccessor } from './bound-credential.js';
import { type Attempt, currentAttempt } from './current-attempt.js';
import { LoggedJournal } from './logged-journal.js';
import { loggedProblem, type Problem, problemOf } from './misconfiguration.js';
import type { RefreshDeps } from './ports.js';
import { refreshFailure } from './refresh-failure.js';
import { withinPrepareDeadline } from './within-prepare-deadline.js';

/** A grant that was not revoked, and whether another attempt may change that. */
interface NotRevoked extends Problem {
  readonly code: FailureCode | `http_${number}`;
  readonly httpStatus?: number;
  readonly mayPass: boolean;
}

/** A grant that was revoked. */
interface Revoked {
  readonly isAccessTokenLeft: boolean;
}

/** Statuses that say "later" (RFC 7009, section 2.2.1; RFC 9110). */
const MAY_PASS = new Set([408, 425, 429]);

/**
 * One attempt to revoke a grant (RFC 7009): the refresh token first, then the access token. It is safe to repeat, since
 * a server treats an unknown token as revoked. The journal then marks what descends from the login as over. A request is
 * refused if it is old, or of older material than the journal knows: it may be a copy.
 */
export async function revokeToken(
  deps: RefreshDeps,
  request: RevokeTokenRequest,
): Promise<RevokeTokenResult> {
  const current = currentAttempt();
  const facts = {
    [LOG_KEYS.credentialId]: request.credentialId,
    [LOG_KEYS.provider]: request.provider,
  };
  const journal = new LoggedJournal(deps, request, (message, more) =>
    deps.log.warn(message, { ...facts, ...more }),
  );
  const outcome = await attempt(deps, request, journal, current);
  if ('isAccessTokenLeft' in outcome) {
    const { isAccessTokenLeft } = outcome;
    const revokedAtMs = current.clock.now();
    deps.log.info('grant revoked', facts);
    const change: JournalChange = (held) => withRevokedAnswer(request, held, revokedAtMs);
    await journal.update(change).catch(() => {
      const subject = 'revocation';
      deps.log.warn(`${subject} could not be journaled`, facts);
      const log = (level: 'info' | 'warn', message: string): void =>
        deps.log[level](message, facts);
      const { credentialId, lineage } = request;
      deps.late.add({ credentialId, lineage, subject, change, log });
    });
    return {
      credentialId: request.credentialId,
      revokedAtMs,
      ...(isAccessTokenLeft ? { isAccessTokenLeft } : {}),
    };
  }
  deps.log.warn('grant not revoked', {
    ...facts,
    [LOG_KEYS.failureCode]: outcome.code,
    ...loggedProblem(outcome),
  });
  throw notRevokedFailure(request, outcome);
}

/** The failure of an attempt that did not revoke the grant. */
export function notRevokedFailure(
  { provider, credentialId }: RevokeTokenRequest,
  { code, httpStatus, mayPass }: NotRevoked,
): ApplicationFailure {
  return refreshFailure({
    type: 'RevocationFailedError',
    code,
    provider,
    credentialId,
    atMs: Context.current().info.currentAttemptScheduledTimestampMs,
    ...defined({ httpStatus }),
    isFinal: !mayPass,
  });
}

async function attempt(
  deps: RefreshDeps,
  request: RevokeTokenRequest,
  journal: LoggedJournal,
  current: Attempt,
): Promise<NotRevoked | Revoked> {
  if (current.scheduledAtMs - request.wantedAtMs > REVOKE_REQUEST_MAX_AGE_MS) {
    return { code: 'attempt_too_late', mayPass: false };
  }
  if (request.journalId !== undefined && request.journalId !== deps.journal.id) {
    return { code: 'other_journal', mayPass: false };
  }
  const found = await journal.read();
  // Another worker may have the key already.
  if ('unread' in found) return { code: found.unread, mayPass: true };
  const { entry } = found;
  const bound = await bindCredential(deps, request);
  if ('misconfigured' in bound) {
    const { misconfigured: code, ...problem } = bound;
    return { code, mayPass: true, ...problem };
  }
  const { fingerprint, settings } = bound;
  const newest = withSuccessor(bound, entry, request.lineage);
  const facts = {
    request,
    entry,
    fingerprint,
    spendsSuccessor: newest.fingerprint !== fingerprint,
    settings,
    leftBy: leftBy(bound),
    rotates: bound.provider.rotates,
  };
  if (!isNewestMaterial(facts)) return { code: 'newest_token_unknown', mayPass: false };
  return revoke(deps, newest, request.accessToken, current);
}

async function revoke(
  { lookUp, send, serverStart }: RefreshDeps,
  bound: BoundCredential,
  accessToken: string | undefined,
  current: Attempt,
): Promise<NotRevoked | Revoked> {
  const { provider, material, onlyTo } = bound;
  try {
    const now: Now = () => current.serverNow(serverStart);
    const preparing = provider.revocations(material, accessToken, lookUp, now);
    const [main, ...more] = await withinPrepareDeadline(preparing);
    if (main === undefined) return { code: 'no_revocation_endpoint', mayPass: false };
    const elapsedMs = countElapsed();
    if (current.ageMs() > REVOKE_SEND_WITHIN_MS) return { code: 'attempt_too_late', mayPass: true };
    const confined = (wire: WireRequest): WireRequest => ({ ...wire, onlyTo });
    const refused = refusalOf(await send(confined(main), elapsedMs), provider);
    if (refused !== undefined) return refused;
    return { isAccessTokenLeft: await isOneLeft(send, more.map(confined), provider) };
  } catch (error) {
    if (!(error instanceof WireError)) {
      return { code: 'unusable_material', mayPass: false, ...problemOf(error) };
    }
    return { code: error.code, mayPass: error.code !== 'destination_refused' };
  }
}

/**
 * Whether one of the tokens is left beside a grant that is gone. A server that has revoked that may refuse to revoke an access
 * token by itself (RFC 7009, section 2.1).
 */
async function isOneLeft(
  send: RefreshDeps['send'],
  requests: readonly WireRequest[],
  provider: ConfiguredProvider,
): Promise<boolean> {
  for (const request of requests) {
    try {
      if (refusalOf(await send(request), provider)?.mayPass === true) return true;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return true;
    }
  }
  return false;
}

/** An answer that says that nothing was revoked. Some providers say so with status 200, as they refuse a refresh. */
function refusalOf(answer: WireAnswer, provider: ConfiguredProvider): NotRevoked | undefined {
  const judged = provider.judge(answer);
  const isRefused = judged.kind === 'refusal' && judged.code !== undefined;
  if (isSuccess(answer) && !isRefused) return undefined;
  const { status } = answer;
  return {
    code: `http_${status}`,
    httpStatus: status,
    mayPass: status >= 500 || MAY_PASS.has(status),
  };
}
