import type { Info as ActivityInfo } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create-activities.js';
import { HostPlaces } from '../../src/activities/host-places.js';
import { LateRecords } from '../../src/activities/late-records.js';
import { RejectedClients } from '../../src/activities/rejected-clients.js';
import { RequestPace } from '../../src/activities/request-pace.js';
import { createWorkerSecrets } from '../../src/activities/worker-secrets.js';
import type { FailureDetails } from '../../src/contract/failures.js';
import type { Intent, JournalEntry } from '../../src/contract/journal-entry.js';
import { KEEPER_WORKFLOW_TYPE, keeperWorkflowId } from '../../src/contract/names.js';
import type {
  RecordedApplication,
  RefreshActivities,
  RefreshRequest,
  RefreshResult,
} from '../../src/contract/refresh-activity.js';
import type { RevokeTokenRequest, RevokeTokenResult } from '../../src/contract/revocation.js';
import { fingerprintOf } from '../../src/providers/fingerprint.js';
import { builtInProviders } from '../../src/providers/index.js';
import type { Send, WireAnswer, WireRequest } from '../../src/providers/port.js';
import { createProviderRegistry } from '../../src/providers/registry.js';
import { shownFields } from '../../src/telemetry/shown-fields.js';
import { MemoryJournal } from './memory-journal.js';

/** The server's time at which the attempt of a rig was scheduled: far from this machine's clock on purpose. */
export const SCHEDULED_AT = Date.UTC(2031, 4, 5);

/** The login of the rig's credential: its refresh token as it was applied, which is the one that it still has. */
export const LOGIN = fingerprintOf('refresh-5');
/** A public client of standard OAuth 2.0, in place of the rig's Abitmedia. */
export const OAUTH2 = {
  provider: 'oauth2',
  config: {
    tokenEndpoint: 'https://login.example/token',
    clientId: 'shop',
    clientAuthentication: 'none',
  },
} satisfies Partial<RefreshRequest>;
/** What the journal says of the rig's settings. */
const SETTINGS = fingerprintOf('{"config":{},"material":{},"provider":"abitmedia"}');

/** A failure as it would cross into Temporal. */
export interface CrossedFailure {
  readonly name: string;
  readonly message: string;
  readonly type: string;
  readonly nonRetryable: boolean;
  readonly nextRetryDelay?: number;
  readonly details: readonly [FailureDetails];
  readonly cause?: unknown;
}

/** The real activity over a provider's answers, a journal in memory and recorded log lines. */
export class RefreshRig {
  journal = new MemoryJournal();
  readonly sent: WireRequest[] = [];
  readonly logged: string[] = [];
  readonly counted: string[] = [];
  env: Record<string, string> = {};
  /** Requests that a worker may have open at one host. */
  perHost = 2;
  /** What attempts told their keeper whose refresh takes longer: the journal of its request, where one was sent. */
  readonly delaysTold: (string | undefined)[] = [];
  #executions = 0;
  /** When the server started the attempt, by its own word; `undefined` where it does not say. */
  serverStartMs: number | undefined;
  answer: (request: WireRequest) => WireAnswer | Promise<WireAnswer> = () => answerOf(200, {});
  /** What requests go out by; default: they only reach `answer`. */
  send: Send = async (request) => this.answer(request);

  /** Runs one attempt, in a worker of its own unless one is given. */
  attempt(
    overrides: Partial<RefreshRequest> = {},
    info: {
      attempt?: number;
      heartbeatDetails?: unknown;
      scheduledAt?: number;
      askedBy?: AskedBy;
    } = {},
    environment = quietEnvironment(),
    worker = this.worker(),
  ): Promise<RefreshResult> {
    const { attempt = 1 } = info;
    if (attempt === 1) this.#executions += 1;
    const request = requestOf(overrides);
    Object.assign(environment.context.info, info.askedBy ?? askedByKeeperOf(request), {
      attempt,
      activityId: String(this.#executions),
      heartbeatDetails: info.heartbeatDetails,
      currentAttemptScheduledTimestampMs: info.scheduledAt ?? SCHEDULED_AT,
    });
    return environment.run<[RefreshRequest], RefreshResult, RefreshActivities['refreshToken']>(
      worker.refreshToken,
      request,
    );
  }

  /** Tells the journal of an application. */
  recordApplication(
    overrides: Partial<RefreshRequest> = {},
    askedBy?: AskedBy,
  ): Promise<RecordedApplication> {
    const environment = quietEnvironment();
    const request = requestOf(overrides);
    Object.assign(environment.context.info, askedBy ?? askedByKeeperOf(request), {
      currentAttemptScheduledTimestampMs: SCHEDULED_AT,
    });
    return environment.run<
      [RefreshRequest],
      RecordedApplication,
      RefreshActivities['recordApplication']
    >(this.worker().recordApplication, request);
  }

  /** Revokes the grant of a credential, on behalf of its keeper unless another workflow asks. */
  revoke(
    request: RevokeTokenRequest,
    askedBy: AskedBy = askedByKeeperOf(request),
  ): Promise<RevokeTokenResult> {
    const environment = quietEnvironment();
    Object.assign(environment.context.info, askedBy, {
      currentAttemptScheduledTimestampMs: SCHEDULED_AT,
    });
    return environment.run<
      [RevokeTokenRequest],
      RevokeTokenResult,
      RefreshActivities['revokeToken']
    >(this.worker().revokeToken, request);
  }

  /** The activities of one worker process. */
  worker(): RefreshActivities {
    const send: Send = async (request, elapsedMs) => {
      this.sent.push(request);
      return this.send(request, elapsedMs);
    };
    const record =
      (level: string) =>
      (message: string, facts: object = {}): void => {
        this.logged.push(JSON.stringify({ level, message, facts: shownFields(facts) }));
      };
    return createActivities({
      providers: createProviderRegistry(builtInProviders),
      journal: this.journal,
      late: new LateRecords(this.journal),
      secrets: createWorkerSecrets({ env: this.env }),
      send,
      lookUp: send,
      hosts: new HostPlaces(this.perHost),
      clients: new RejectedClients(),
      limits: {},
      pace: new RequestPace({}),
      log: { info: record('info'), warn: record('warn') },
      serverStart: async () => this.serverStartMs,
      tellDelay: async (sentWithJournal) => {
        this.delaysTold.push(sentWithJournal);
      },
      metrics: {
        refreshed: (provider) => this.counted.push(`refreshed ${provider}`),
        failed: (provider, type, code) => this.counted.push(`failed ${provider} ${type} ${code}`),
        answeredFromJournal: (provider) => this.counted.push(`from journal ${provider}`),
        journalWriteFailed: (provider) => this.counted.push(`journal write failed ${provider}`),
      },
    });
  }

  /** Runs one attempt that is expected to fail. */
  async failure(...args: Parameters<RefreshRig['attempt']>): Promise<CrossedFailure> {
    const outcome = await this.attempt(...args).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    if ('result' in outcome) throw new Error('the attempt made a token');
    return outcome.error as CrossedFailure;
  }
}

/** What the server says of the workflow that asks. */
type AskedBy = Pick<ActivityInfo, 'workflowType' | 'workflowExecution'>;

/** What the server says of who asks, where that is the credential's keeper. */
export function askedByKeeperOf({ credentialId }: Pick<RefreshRequest, 'credentialId'>): AskedBy {
  return {
    workflowType: KEEPER_WORKFLOW_TYPE,
    workflowExecution: { workflowId: keeperWorkflowId(credentialId), runId: 'run' },
  };
}

/** An activity's surroundings that do not log every failure which a test makes on purpose. */
export function quietEnvironment(): MockActivityEnvironment {
  return new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
}

function requestOf(overrides: Partial<RefreshRequest> = {}): RefreshRequest {
  return {
    credentialId: 'acme/shop',
    provider: 'abitmedia',
    config: {},
    material: { refreshToken: 'refresh-5' },
    timing: {},
    lineage: LOGIN,
    epoch: 1,
    earlierLogins: [],
    application: 1_000,
    generation: 5,
    currentToken: {
      tokenType: 'Bearer',
      issuedAtMs: SCHEDULED_AT - 3_000_000,
      expiresAtMs: SCHEDULED_AT + 300_000,
      scope: 'read',
      extras: { region: 'eu' },
    },
    reason: 'due',
    ...overrides,
  };
}

export function answerOf(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): WireAnswer {
  return { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** Abitmedia's successful answer. */
export function abitmediaTokens(generation: number): WireAnswer {
  return answerOf(200, {
    success: true,
    status: 200,
    message: 'Token de refresco exitoso',
    accessToken: `access-${generation}`,
    refreshToken: `refresh-${generation}`,
    expiresIn: 3600,
  });
}

/** Abitmedia's answer to a dead refresh token. */
export function abitmediaRefusal(): WireAnswer {
  return answerOf(400, {
    success: false,
    status: 400,
    message: 'Token de refresco inválido o expirado',
  });
}

/** An entry of the rig's credential and login. */
export function journalEntry(overrides: Partial<JournalEntry> = {}): JournalEntry {
  return {
    credentialId: 'acme/shop',
    provider: 'abitmedia',
    lineage: LOGIN,
    epoch: 1,
    application: 1_000,
    settings: SETTINGS,
    earlierLogins: [],
    ...overrides,
  };
}

/** An intent of another attempt. */
export const OTHER_INTENT: Intent = {
  id: 'other',
  fingerprint: 'f',
  atMs: SCHEDULED_AT,
  attemptAgeMs: 10,
};
