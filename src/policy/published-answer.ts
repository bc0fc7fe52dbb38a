import type { CredentialSpec, JsonObject, Token } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { KeeperState } from '../contract/keeper.js';
import type { StatusAnswer, TokenAnswer } from '../contract/messages.js';
import { PUBLISHED_MEMO } from '../contract/names.js';
import { fitsPublishedAnswer, fitsPublishedSettings } from '../contract/payload-checks.js';
import type { PublishedAnswer, PublishedSettings } from '../contract/published-answer.js';
import { sortedJson } from '../contract/sorted-json.js';
import { nextStartAtMs } from './forced-refresh.js';
import { hasEnded } from './status.js';

/** What a keeper in this state publishes, while it runs or is about to end. */
export function publishedAnswer(
  state: KeeperState,
  nowMs: number,
  isEndWanted = false,
): PublishedAnswer {
  const { spec, token, lastFailure, journalId } = state;
  const isOver = hasEnded(state.status);
  const nextRefreshAtMs = nextStartAtMs(state);
  return {
    id: spec.id,
    provider: spec.provider,
    status: state.status,
    generation: state.generation,
    epoch: state.epoch,
    application: state.application,
    ...(isOver ? {} : { nextRefreshAtMs }),
    awaitsRefresh: !isOver && (state.wantedSinceMs !== undefined || nextRefreshAtMs <= nowMs),
    forcePending: state.pendingForce !== undefined,
    ...(isEndWanted && !isOver ? { isEnding: true as const } : {}),
    failureStreak: state.failureStreak,
    ...defined({ journalId, token, lastFailure }),
  };
}

/**
 * Whether an answer has changed enough to be published, which costs an event in history. That a refresh begins does not
 * count, since it happens each time.
 */
export function isPublishedAnew(before: KeeperState, state: KeeperState): boolean {
  return (
    before.status !== state.status ||
    before.generation !== state.generation ||
    before.epoch !== state.epoch ||
    before.application !== state.application ||
    before.journalId !== state.journalId ||
    before.token !== state.token ||
    before.nextRefreshAtMs !== state.nextRefreshAtMs ||
    before.lastFailure !== state.lastFailure ||
    (before.pendingForce === undefined) !== (state.pendingForce === undefined)
  );
}

/**
 * Whether the memo that a run was started with says what its keeper would publish. If the refresh is due at once, its
 * due time is not compared: whoever starts a keeper and the keeper itself read two clocks.
 */
export function isPublishedWith(
  memo: Readonly<Record<string, unknown>>,
  answer: PublishedAnswer,
  settings: PublishedSettings,
): boolean {
  const brought = memo[PUBLISHED_MEMO.answer];
  const broughtSettings = memo[PUBLISHED_MEMO.settings];
  return (
    fitsPublishedAnswer(brought) &&
    fitsPublishedSettings(broughtSettings) &&
    sortedJson(comparable(brought)) === sortedJson(comparable(answer)) &&
    sortedJson(jsonOf(broughtSettings)) === sortedJson(jsonOf(settings))
  );
}

function comparable({
  nextRefreshAtMs,
  token,
  lastFailure,
  ...answer
}: PublishedAnswer): JsonObject {
  return {
    ...answer,
    ...(answer.awaitsRefresh ? {} : defined({ nextRefreshAtMs })),
    ...(token === undefined ? {} : { token: { ...token } }),
    ...(lastFailure === undefined ? {} : { lastFailure: { ...lastFailure } }),
  };
}

/** The answer of `token`. */
export function tokenAnswerOf(published: PublishedAnswer): TokenAnswer {
  const {
    epoch: _epoch,
    application: _application,
    journalId: _journal,
    awaitsRefresh: _awaits,
    forcePending: _force,
    isEnding: _ending,
    failureStreak: _streak,
    ...answer
  } = published;
  return answer;
}

/** The answer of `status`; whether a refresh is under way is said by whoever asks. */
export function statusAnswerOf(
  { token, application: _application, isEnding: _ending, ...published }: PublishedAnswer,
  refreshing: boolean,
): StatusAnswer {
  return {
    ...published,
    refreshing,
    awaitsRefresh: refreshing || published.awaitsRefresh,
    ...(token === undefined ? {} : shownToken(token)),
  };
}

/** Field by field: with one that its shape does not have, a status would not be for readers. */
function shownToken({
  tokenType,
  issuedAtMs,
  expiresAtMs,
  isLifetimeDoubted,
  isLifetimeAssumed,
  materialExpiresAtMs,
}: Token): Partial<StatusAnswer> {
  return {
    tokenType,
    issuedAtMs,
    expiresAtMs,
    ...defined({ isLifetimeDoubted, isLifetimeAssumed, materialExpiresAtMs }),
  };
}

/** What a keeper publishes for owners. */
export function publishedSettings(
  { id, provider, group, config, fingerprints, timing, traits }: CredentialSpec,
  usesSearchAttributes: boolean,
): PublishedSettings {
  return {
    id,
    provider,
    ...defined({ group }),
    config,
    fingerprints,
    timing,
    traits,
    usesSearchAttributes,
  };
}

/** Whether an application changed what a keeper publishes for owners; a refresh replaces only material. */
export function settlesAnew(before: CredentialSpec, spec: CredentialSpec): boolean {
  return (
    before.provider !== spec.provider ||
    before.group !== spec.group ||
    before.config !== spec.config ||
    before.fingerprints !== spec.fingerprints ||
    before.timing !== spec.timing ||
    before.traits !== spec.traits
  );
}

/** Whether applying a credential would change nothing, by what its running keeper has published. */
export function isApplied(
  published: PublishedSettings,
  spec: CredentialSpec,
  usesSearchAttributes: boolean,
): boolean {
  const wanted = publishedSettings(spec, usesSearchAttributes);
  return sortedJson(jsonOf(published)) === sortedJson(jsonOf(wanted));
}

function jsonOf({ fingerprints, timing, traits, ...settings }: PublishedSettings): JsonObject {
  return {
    ...settings,
    fingerprints: { ...fingerprints },
    timing: { ...timing },
    traits: { ...traits },
  };
}
