import { FAILURE_SUMMARY, STATUS, TIMING, TOKEN, TRAITS } from './keeper-shapes.js';
import type { StatusAnswer, TokenAnswer } from './messages.js';
import type { PublishedAnswer, PublishedSettings } from './published-answer.js';
import {
  boolean,
  number,
  object,
  optional,
  record,
  secretText,
  type ShapeOf,
  shownJson,
  text,
} from './shape.js';

export const TOKEN_ANSWER = object({
  id: text,
  provider: text,
  status: STATUS,
  generation: number,
  nextRefreshAtMs: optional(number),
  token: optional(TOKEN),
  lastFailure: optional(FAILURE_SUMMARY),
} satisfies ShapeOf<TokenAnswer>);

export const PUBLISHED_ANSWER = object({
  id: text,
  provider: text,
  status: STATUS,
  generation: number,
  epoch: number,
  application: number,
  journalId: optional(text),
  token: optional(TOKEN),
  nextRefreshAtMs: optional(number),
  awaitsRefresh: boolean,
  forcePending: boolean,
  isEnding: optional(boolean),
  failureStreak: number,
  lastFailure: optional(FAILURE_SUMMARY),
} satisfies ShapeOf<PublishedAnswer>);

export const PUBLISHED_SETTINGS = object({
  id: text,
  provider: text,
  group: optional(text),
  config: record(shownJson),
  fingerprints: record(secretText),
  timing: TIMING,
  traits: TRAITS,
  usesSearchAttributes: boolean,
} satisfies ShapeOf<PublishedSettings>);

export const STATUS_ANSWER = object({
  id: text,
  provider: text,
  status: STATUS,
  generation: number,
  epoch: number,
  journalId: optional(text),
  tokenType: optional(text),
  issuedAtMs: optional(number),
  expiresAtMs: optional(number),
  isLifetimeDoubted: optional(boolean),
  isLifetimeAssumed: optional(boolean),
  materialExpiresAtMs: optional(number),
  nextRefreshAtMs: optional(number),
  refreshing: boolean,
  awaitsRefresh: boolean,
  forcePending: boolean,
  failureStreak: number,
  lastFailure: optional(FAILURE_SUMMARY),
} satisfies ShapeOf<StatusAnswer>);
