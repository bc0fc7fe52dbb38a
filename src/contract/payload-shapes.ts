import type { CredentialSpec, Token } from './credential.js';
import type { FailureSummary } from './failures.js';
import type { KeeperInput, KeeperResult, KeeperState, PendingForce } from './keeper.js';
import type {
  ApplyOutcome,
  EnsureFreshRequest,
  ForceRefreshRequest,
  StatusAnswer,
  TokenAnswer,
} from './messages.js';
import type { RefreshRequest, RefreshResult } from './refresh-activity.js';

/**
 * How a field is shown: `shown` as it is, if a plain value; `tree` with all below it; `text` without what looks
 * like a token; `secret` not at all, save for the names below it.
 */
export type Visibility = 'shown' | 'tree' | 'text' | 'secret';

/** Visibility of each field of an object. */
export interface Shape {
  readonly [key: string]: Visibility | Shape;
}
/** Every field of a contract type: a new one does not compile until it is decided here. */
type ShapeOf<T> = { readonly [K in keyof T]-?: Visibility | Shape };

const TOKEN = {
  value: 'secret',
  tokenType: 'shown',
  issuedAtMs: 'shown',
  expiresAtMs: 'shown',
  materialExpiresAtMs: 'shown',
  scope: 'shown',
  extras: 'secret',
} as const satisfies ShapeOf<Token>;

const FAILURE = {
  type: 'shown',
  provider: 'shown',
  code: 'shown',
  httpStatus: 'shown',
  atMs: 'shown',
  action: 'shown',
  doubtSinceMs: 'shown',
} as const satisfies ShapeOf<FailureSummary>;

const SPEC = {
  id: 'shown',
  provider: 'shown',
  config: 'tree',
  material: 'secret',
  fingerprints: 'secret',
  timing: 'tree',
  traits: 'tree',
  seedToken: TOKEN,
} as const satisfies ShapeOf<CredentialSpec>;

const STATE = {
  keeperId: 'shown',
  generation: 'shown',
  epoch: 'shown',
  status: 'shown',
  spec: SPEC,
  token: TOKEN,
  nextRefreshAtMs: 'shown',
  lastRefreshStartedAtMs: 'shown',
  lastForcedAtMs: 'shown',
  pendingForce: {
    requestedAtMs: 'shown',
    generation: 'shown',
    overrideRetryAfter: 'shown',
  } satisfies ShapeOf<PendingForce>,
  wantedSinceMs: 'shown',
  failureStreak: 'shown',
  lastFailure: FAILURE,
  doubtSinceMs: 'shown',
} as const satisfies ShapeOf<KeeperState>;

/** The objects that travel as payloads, each with the fields that it never lacks. */
export const PAYLOAD_SHAPES: readonly {
  readonly shape: Shape;
  readonly needs: readonly string[];
}[] = [
  {
    shape: { state: STATE, useSearchAttributes: 'shown' } satisfies ShapeOf<KeeperInput>,
    needs: ['state'],
  },
  { shape: STATE, needs: ['spec', 'generation'] },
  {
    shape: { status: 'shown', generation: 'shown' } satisfies ShapeOf<KeeperResult>,
    needs: ['status', 'generation'],
  },
  { shape: SPEC, needs: ['id', 'provider', 'material'] },
  {
    shape: {
      id: 'shown',
      provider: 'shown',
      status: 'shown',
      generation: 'shown',
      nextRefreshAtMs: 'shown',
      token: TOKEN,
      lastFailure: FAILURE,
    } satisfies ShapeOf<TokenAnswer>,
    needs: ['id', 'provider', 'status', 'generation'],
  },
  {
    shape: {
      id: 'shown',
      provider: 'shown',
      status: 'shown',
      generation: 'shown',
      epoch: 'shown',
      tokenType: 'shown',
      issuedAtMs: 'shown',
      expiresAtMs: 'shown',
      materialExpiresAtMs: 'shown',
      nextRefreshAtMs: 'shown',
      refreshing: 'shown',
      forcePending: 'shown',
      failureStreak: 'shown',
      lastFailure: FAILURE,
    } satisfies ShapeOf<StatusAnswer>,
    needs: ['id', 'provider', 'status', 'epoch'],
  },
  {
    shape: {
      generation: 'shown',
      overrideRetryAfter: 'shown',
    } satisfies ShapeOf<ForceRefreshRequest>,
    needs: [],
  },
  {
    shape: {
      minValidityMs: 'shown',
      afterGeneration: 'shown',
    } satisfies ShapeOf<EnsureFreshRequest>,
    needs: ['minValidityMs'],
  },
  {
    shape: {
      credentialId: 'shown',
      provider: 'shown',
      config: 'tree',
      material: 'secret',
      timing: 'tree',
      keeperId: 'shown',
      epoch: 'shown',
      appliedFingerprint: 'secret',
      generation: 'shown',
      currentToken: TOKEN,
      reason: 'shown',
      doubtSinceMs: 'shown',
    } satisfies ShapeOf<RefreshRequest>,
    needs: ['credentialId', 'provider', 'material'],
  },
  {
    shape: {
      epoch: 'shown',
      appliedFingerprint: 'secret',
      generation: 'shown',
      token: TOKEN,
      replacedMaterial: 'secret',
    } satisfies ShapeOf<RefreshResult>,
    needs: ['epoch', 'generation', 'token'],
  },
  { shape: FAILURE, needs: ['provider', 'code', 'atMs'] },
  // What the SDK's failure converter puts into `encoded_attributes`.
  { shape: { message: 'text', stack_trace: 'text' }, needs: ['message'] },
  // Answer of the SDK's `__temporal_workflow_metadata` query, where the UI finds the current details.
  { shape: { definition: 'tree', currentDetails: 'text' }, needs: ['definition'] },
];

/** The only single words that travel as payloads; any other could be a token. */
export const PAYLOAD_WORDS: ReadonlySet<string> = new Set([
  ...(['unchanged', 'updated', 'reauthorized'] satisfies ApplyOutcome[]),
  /** Heartbeat of a request that went out. */
  'sent',
  /** Text of the Temporal server. */
  'ACTIVITY_ID_NOT_STARTED',
]);
