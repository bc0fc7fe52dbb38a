import type {
  CredentialSpec,
  LeadRule,
  ProviderTraits,
  RefreshTiming,
  Token,
  TokenFacts,
} from './credential.js';
import { FAILURE_TYPES, type FailureDetails, type FailureSummary } from './failures.js';
import {
  type EarlierLogin,
  KEEPER_STATUSES,
  type KeeperState,
  type LoginState,
  type PendingForce,
} from './keeper.js';
import { CUT_WAITS } from './messages.js';
import {
  boolean,
  either,
  list,
  number,
  object,
  optional,
  record,
  secretJson,
  secretText,
  type ShapeOf,
  shownJson,
  text,
  words,
} from './shape.js';

export const STATUS = words(...KEEPER_STATUSES);

const TOKEN_FACTS_FIELDS = {
  tokenType: text,
  issuedAtMs: number,
  expiresAtMs: number,
  materialExpiresAtMs: optional(number),
  isLifetimeDoubted: optional(boolean),
  isLifetimeAssumed: optional(boolean),
  scope: optional(text),
  extras: optional(secretJson),
} satisfies ShapeOf<TokenFacts>;

export const TOKEN_FACTS = object(TOKEN_FACTS_FIELDS);

export const TOKEN = object({
  value: secretText,
  ...TOKEN_FACTS_FIELDS,
} satisfies ShapeOf<Token>);

const FAILURE_FIELDS = {
  provider: text,
  code: text,
  httpStatus: optional(number),
  atMs: number,
  action: text,
  doubtSinceMs: optional(number),
  retryInMs: optional(number),
  clientRejectedAtMs: optional(number),
  application: optional(number),
  replacedAtMs: optional(number),
  journalId: optional(text),
} satisfies ShapeOf<FailureDetails>;

export const FAILURE_SUMMARY = object({
  ...FAILURE_FIELDS,
  type: words(...FAILURE_TYPES),
} satisfies ShapeOf<FailureSummary>);

export const TIMING = object({
  leadMs: optional(number),
  minimumAgeMs: optional(number),
  defaultLifetimeMs: optional(number),
  maxLifetimeMs: optional(number),
} satisfies ShapeOf<RefreshTiming>);

const LEAD_RULE = object({
  shareOfLife: number,
  leastMs: number,
  mostMs: number,
} satisfies ShapeOf<LeadRule>);

export const MATERIAL = record(
  either(secretText, object({ $workerEnv: secretText }), object({ $workerFile: secretText })),
);

export const TRAITS = object({
  spentField: text,
  rotates: boolean,
} satisfies ShapeOf<ProviderTraits>);

export const SPEC = object({
  id: text,
  provider: text,
  group: optional(text),
  config: record(shownJson),
  material: MATERIAL,
  fingerprints: record(secretText),
  timing: TIMING,
  traits: TRAITS,
  seedToken: optional(TOKEN),
  seedLead: optional(LEAD_RULE),
} satisfies ShapeOf<CredentialSpec>);

export const EARLIER_LOGINS = list(
  object({ lineage: secretText, replacedAtMs: number } satisfies ShapeOf<EarlierLogin>),
);

const LOGIN_STATE_FIELDS = {
  generation: number,
  epoch: number,
  application: number,
  earlierLogins: EARLIER_LOGINS,
  isLoginUnconfirmed: optional(boolean),
  returns: optional(boolean),
  journalId: optional(text),
  status: STATUS,
  spec: SPEC,
  token: optional(TOKEN),
  isUnrecorded: optional(boolean),
  nextRefreshAtMs: number,
  lastRefreshStartedAtMs: optional(number),
  lastForcedAtMs: optional(number),
  pendingForce: optional(
    object({
      requestedAtMs: number,
      generation: number,
      cuts: optional(words(...CUT_WAITS)),
    } satisfies ShapeOf<PendingForce>),
  ),
  wantedSinceMs: optional(number),
  failureStreak: number,
  lastFailure: optional(FAILURE_SUMMARY),
  doubtSinceMs: optional(number),
  movedSinceMs: optional(number),
  refusedInDoubtSinceMs: optional(number),
} satisfies ShapeOf<LoginState>;

export const STATE = object({
  ...LOGIN_STATE_FIELDS,
  formerStates: optional(list(object(LOGIN_STATE_FIELDS))),
  actedOnMs: optional(list(number)),
} satisfies ShapeOf<KeeperState>);
