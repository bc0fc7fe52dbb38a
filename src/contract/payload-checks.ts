import type { FailureSummary } from './failures.js';
import type { KeeperInput } from './keeper.js';
import { FAILURE_SUMMARY } from './keeper-shapes.js';
import type {
  ApplyRefusal,
  ApplyRequest,
  EnsureFreshRequest,
  ForceRefreshRequest,
  MoveJournalRequest,
} from './messages.js';
import type { PublishedAnswer, PublishedSettings } from './published-answer.js';
import {
  APPLY_REFUSAL,
  APPLY_REQUEST,
  CONTINUING_INPUT,
  ENCODED_FAILURE,
  ENSURE_FRESH_REQUEST,
  FORCE_REFRESH_REQUEST,
  MOVE_JOURNAL_REQUEST,
  OPERATOR_FORCE,
  RECORDED_APPLICATION,
  REFRESH_RESULT,
  REFRESH_WISH,
  REVOKE_REQUEST,
  REVOKE_TOKEN_RESULT,
  SENT_REQUEST,
  STARTING_INPUT,
} from './payload-shapes.js';
import {
  PUBLISHED_ANSWER,
  PUBLISHED_SETTINGS,
  STATUS_ANSWER,
  TOKEN_ANSWER,
} from './answer-shapes.js';
import type { RecordedApplication, RefreshResult, SentRequest } from './refresh-activity.js';
import type { RevokeRequest, RevokeTokenResult } from './revocation.js';
import { type Field, fits, fitsExactly, knownPart } from './shape.js';

/** What a run can begin with. */
const INPUTS: readonly Field[] = [STARTING_INPUT, CONTINUING_INPUT];

/** What readers may send to a keeper. */
const READER_REQUESTS: readonly Field[] = [REFRESH_WISH, ENSURE_FRESH_REQUEST];

/** What readers may be told: the token, the state of the credential, and failures, which hold no secret. */
const READER_ANSWERS: readonly Field[] = [
  TOKEN_ANSWER,
  STATUS_ANSWER,
  PUBLISHED_ANSWER,
  FAILURE_SUMMARY,
  ENCODED_FAILURE,
];

/** Whether a payload is one that a service with a reader key may send. */
export function isForReadersToSend(value: unknown): boolean {
  return READER_REQUESTS.some((shape) => fitsExactly(value, shape));
}

/** Whether a payload is one that an operator may send through the codec server, to whichever keeper. */
export function isForOperatorsToSend(value: unknown): boolean {
  return fitsExactly(value, OPERATOR_FORCE);
}

/** Whether a payload is one that a service with a reader key may read. */
export function isForReadersToRead(value: unknown): boolean {
  return READER_ANSWERS.some((shape) => fitsExactly(value, shape));
}

/**
 * Answers for readers to which later builds may add. The widest come first, since what has all fields of one of them also
 * has those of a narrower one.
 */
const GROWING_ANSWERS: readonly Field[] = [
  PUBLISHED_ANSWER,
  STATUS_ANSWER,
  TOKEN_ANSWER,
  FAILURE_SUMMARY,
];

/**
 * What is known of an answer for readers that a later build made, with fields or words that are new; `undefined` of all
 * else. Nothing is left in it that could make it pass for what readers may not know or send.
 */
export function knownAnswer(value: unknown): unknown {
  const shape = GROWING_ANSWERS.find((one) => fits(value, one));
  return shape === undefined ? undefined : knownPart(value, shape);
}

/** An application by itself is none: whoever may start workflows can send the one of an earlier update again. */
export const fitsKeeperInput = (value: unknown): value is KeeperInput =>
  INPUTS.some((shape) => fits(value, shape));
export const fitsApplyRequest = (value: unknown): value is ApplyRequest =>
  fits(value, APPLY_REQUEST);
export const fitsApplyRefusal = (value: unknown): value is ApplyRefusal =>
  fits(value, APPLY_REFUSAL);
export const fitsForceRefreshRequest = (value: unknown): value is ForceRefreshRequest =>
  fits(value, FORCE_REFRESH_REQUEST);
export const fitsEnsureFreshRequest = (value: unknown): value is EnsureFreshRequest =>
  fits(value, ENSURE_FRESH_REQUEST);
export const fitsMoveJournalRequest = (value: unknown): value is MoveJournalRequest =>
  fits(value, MOVE_JOURNAL_REQUEST);
export const fitsRevokeRequest = (value: unknown): value is RevokeRequest =>
  fits(value, REVOKE_REQUEST);
export const fitsRevokeTokenResult = (value: unknown): value is RevokeTokenResult =>
  fits(value, REVOKE_TOKEN_RESULT);
export const fitsRefreshResult = (value: unknown): value is RefreshResult =>
  fits(value, REFRESH_RESULT);
export const fitsRecordedApplication = (value: unknown): value is RecordedApplication =>
  fits(value, RECORDED_APPLICATION);
export const fitsSentRequest = (value: unknown): value is SentRequest => fits(value, SENT_REQUEST);
export const fitsFailureSummary = (value: unknown): value is FailureSummary =>
  fits(value, FAILURE_SUMMARY);
export const fitsPublishedAnswer = (value: unknown): value is PublishedAnswer =>
  fits(value, PUBLISHED_ANSWER);
export const fitsPublishedSettings = (value: unknown): value is PublishedSettings =>
  fits(value, PUBLISHED_SETTINGS);
