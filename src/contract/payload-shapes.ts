import {
  PUBLISHED_ANSWER,
  PUBLISHED_SETTINGS,
  STATUS_ANSWER,
  TOKEN_ANSWER,
} from './answer-shapes.js';
import type { KeeperInput, KeeperResult } from './keeper.js';
import {
  EARLIER_LOGINS,
  FAILURE_SUMMARY,
  MATERIAL,
  SPEC,
  STATE,
  TIMING,
  TOKEN,
  TOKEN_FACTS,
} from './keeper-shapes.js';
import {
  APPLY_OUTCOMES,
  type ApplyRefusal,
  type ApplyRequest,
  CUT_WAITS,
  type EnsureFreshRequest,
  type ForceRefreshRequest,
  type MoveJournalRequest,
} from './messages.js';
import {
  type RecordedApplication,
  type RecordedLogin,
  REFRESH_REASONS,
  type RefreshRequest,
  type RefreshResult,
  type SentRequest,
} from './refresh-activity.js';
import {
  REVOCATIONS,
  type RevokeRequest,
  type RevokeTokenRequest,
  type RevokeTokenResult,
} from './revocation.js';
import {
  boolean,
  type Field,
  list,
  number,
  object,
  optional,
  quotingText,
  record,
  secretText,
  type ShapeOf,
  shownJson,
  text,
  words,
} from './shape.js';

export const APPLY_REQUEST = object({
  spec: SPEC,
  application: number,
  useSearchAttributes: boolean,
  returns: optional(boolean),
} satisfies ShapeOf<ApplyRequest>);

const INPUT_FIELDS = {
  apply: optional(APPLY_REQUEST),
  state: optional(STATE),
  useSearchAttributes: boolean,
} satisfies ShapeOf<KeeperInput>;

/** Input of a run that an application starts. */
export const STARTING_INPUT = object({ ...INPUT_FIELDS, apply: APPLY_REQUEST });

/** Input of a run that continues as new. */
export const CONTINUING_INPUT = object({ ...INPUT_FIELDS, state: STATE });

/** What a service may send: an operator's cut takes the owner key. */
export const REFRESH_WISH = object({ unusableGeneration: number });

const FORCE_FIELDS = {
  unusableGeneration: number,
  credentialId: optional(text),
  cuts: optional(words(...CUT_WAITS)),
  wantedAtMs: optional(number),
} satisfies ShapeOf<ForceRefreshRequest>;

export const FORCE_REFRESH_REQUEST = object(FORCE_FIELDS);

/** What an operator may send through the codec server: it names its credential, since nothing else binds it to one. */
export const OPERATOR_FORCE = object({ ...FORCE_FIELDS, credentialId: text });

export const ENSURE_FRESH_REQUEST = object({
  minValidityMs: number,
  generation: number,
  afterGeneration: optional(number),
} satisfies ShapeOf<EnsureFreshRequest>);

export const MOVE_JOURNAL_REQUEST = object({
  from: optional(text),
  to: text,
  wantedAtMs: number,
} satisfies ShapeOf<MoveJournalRequest>);

export const APPLY_REFUSAL = object({
  reason: words('outdated', 'replaced-login', 'refused-material'),
  application: number,
  isUnconfirmed: optional(boolean),
  message: text,
} satisfies ShapeOf<ApplyRefusal>);

const REFRESH_REQUEST = object({
  credentialId: text,
  provider: text,
  config: record(shownJson),
  material: MATERIAL,
  timing: TIMING,
  lineage: secretText,
  epoch: number,
  earlierLogins: EARLIER_LOGINS,
  application: number,
  returns: optional(boolean),
  unconfirmedLogins: optional(list(secretText)),
  journalId: optional(text),
  generation: number,
  currentToken: optional(TOKEN_FACTS),
  reason: words(...REFRESH_REASONS),
  isClientRejected: optional(boolean),
  doubtSinceMs: optional(number),
  movedSinceMs: optional(number),
  refusedInDoubtSinceMs: optional(number),
} satisfies ShapeOf<RefreshRequest>);

export const REFRESH_RESULT = object({
  credentialId: text,
  lineage: secretText,
  epoch: number,
  earlierLogins: EARLIER_LOGINS,
  generation: number,
  application: number,
  token: TOKEN,
  waitedMs: number,
  hasStatedExpiry: optional(boolean),
  refreshLeadMs: number,
  replacedMaterial: record(secretText),
  journalId: text,
} satisfies ShapeOf<RefreshResult>);

export const RECORDED_APPLICATION = object({
  credentialId: text,
  newest: optional(REFRESH_RESULT),
  login: optional(
    object({
      lineage: secretText,
      epoch: number,
      earlierLogins: EARLIER_LOGINS,
      application: number,
    } satisfies ShapeOf<RecordedLogin>),
  ),
} satisfies ShapeOf<RecordedApplication>);

export const REVOKE_REQUEST = object({
  revokedGeneration: number,
  application: number,
  wantedAtMs: number,
} satisfies ShapeOf<RevokeRequest>);

const REVOKE_TOKEN_REQUEST = object({
  credentialId: text,
  provider: text,
  config: record(shownJson),
  material: MATERIAL,
  lineage: secretText,
  application: number,
  returns: optional(boolean),
  generation: number,
  wantedAtMs: number,
  doubtSinceMs: optional(number),
  movedSinceMs: optional(number),
  journalId: optional(text),
  accessToken: optional(secretText),
} satisfies ShapeOf<RevokeTokenRequest>);

export const REVOKE_TOKEN_RESULT = object({
  credentialId: text,
  revokedAtMs: number,
  isAccessTokenLeft: optional(boolean),
} satisfies ShapeOf<RevokeTokenResult>);

export const SENT_REQUEST = object({ sentWithJournal: text } satisfies ShapeOf<SentRequest>);

/** What the SDK's failure converter puts into `encoded_attributes`. */
export const ENCODED_FAILURE = object({
  message: quotingText,
  stack_trace: optional(quotingText),
});

/** Answer of the SDK's `__temporal_workflow_metadata` query, where the UI finds the current details. */
const WORKFLOW_METADATA = object({
  definition: shownJson,
  currentDetails: optional(quotingText),
});

const KEEPER_RESULT = object({
  status: words('stopped'),
  generation: number,
} satisfies ShapeOf<KeeperResult>);

/** Every object that travels as a payload. */
export const PAYLOAD_SHAPES: readonly Field[] = [
  STARTING_INPUT,
  CONTINUING_INPUT,
  STATE,
  APPLY_REQUEST,
  KEEPER_RESULT,
  TOKEN_ANSWER,
  STATUS_ANSWER,
  PUBLISHED_ANSWER,
  PUBLISHED_SETTINGS,
  FORCE_REFRESH_REQUEST,
  ENSURE_FRESH_REQUEST,
  MOVE_JOURNAL_REQUEST,
  APPLY_REFUSAL,
  REFRESH_REQUEST,
  REFRESH_RESULT,
  RECORDED_APPLICATION,
  REVOKE_REQUEST,
  REVOKE_TOKEN_REQUEST,
  REVOKE_TOKEN_RESULT,
  SENT_REQUEST,
  FAILURE_SUMMARY,
  ENCODED_FAILURE,
  WORKFLOW_METADATA,
];

/** The only single words that travel as payloads; any other could be a token. */
export const PAYLOAD_WORDS: ReadonlySet<string> = new Set([
  ...APPLY_OUTCOMES,
  ...REVOCATIONS,
  /** Text of the Temporal server. */
  'ACTIVITY_ID_NOT_STARTED',
]);
