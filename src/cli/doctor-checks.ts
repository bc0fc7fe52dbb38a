import proto from '@temporalio/proto';
import { missingSearchAttributes } from '../client/keeper-search-attributes.js';
import type { CredentialSummary } from '../client/keeper-port.js';
import { TokenError } from '../client/token-error.js';
import { withDeadline } from '../connection.js';
import { KEEPER_TASK_QUEUE, providerTaskQueue } from '../contract/names.js';
import { MIN_RETENTION_MS } from '../policy/numbers.js';
import type { CliSession } from './session.js';
import { spanText } from './time-text.js';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** What one check found. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly check: string;
  /** What is so, and, unless all is well, what to do. */
  readonly text: string;
}

/** All checks of a server that can be reached, one after the other. */
export async function* findings(session: CliSession): AsyncGenerator<Finding> {
  yield encryption(session);
  yield await server(session);
  yield await retention(session);
  yield await searchAttributes(session);
  const credentials = await session.tokens.list();
  yield* await workers(session, credentials);
  yield await deciphering(session, credentials);
  yield* overdue(credentials);
}

function encryption({ config }: CliSession): Finding {
  const { keyRing } = config.encryption;
  return keyRing === undefined
    ? {
        level: 'warn',
        check: 'encryption',
        text: 'secrets are kept in plain text; set EVERTOKEN_ENCRYPTION_KEYS (evertoken keys generate)',
      }
    : { level: 'ok', check: 'encryption', text: `seals with key ${keyRing.sealingKeyId}` };
}

async function server({ client, target }: CliSession): Promise<Finding> {
  const { serverVersion } = await withDeadline(client.connection, () =>
    client.connection.workflowService.getSystemInfo({}),
  );
  return {
    level: 'ok',
    check: 'server',
    text: `Temporal ${serverVersion} at ${target.address}, namespace ${target.namespace}`,
  };
}

async function retention({ client, target: { namespace } }: CliSession): Promise<Finding> {
  const { config } = await withDeadline(client.connection, () =>
    client.connection.workflowService.describeNamespace({ namespace }),
  );
  const retentionMs = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1_000;
  const isLong = retentionMs >= MIN_RETENTION_MS;
  const advice = isLong
    ? ''
    : `; a failed credential answers no longer than that: temporal operator namespace update --retention 30d -n ${namespace}`;
  return {
    level: isLong ? 'ok' : 'warn',
    check: 'retention',
    text: `${spanText(retentionMs)}${advice}`,
  };
}

async function searchAttributes({ client }: CliSession): Promise<Finding> {
  const check = 'search attributes';
  const missing = await missingSearchAttributes(client).catch(() => undefined);
  if (missing === undefined) {
    return { level: 'warn', check, text: 'this server does not say; keepers run without' };
  }
  return missing.length === 0
    ? { level: 'ok', check, text: 'registered' }
    : {
        level: 'warn',
        check,
        text: `missing ${missing.join(', ')}; apply registers them where the server allows it`,
      };
}

async function workers(
  session: CliSession,
  credentials: readonly CredentialSummary[],
): Promise<readonly Finding[]> {
  const providers = new Set(credentials.flatMap(({ provider }) => provider ?? []));
  const queues = [
    { name: KEEPER_TASK_QUEUE, type: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW },
    ...[...providers].map((provider) => ({
      name: providerTaskQueue(provider),
      type: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    })),
  ];
  return Promise.all(
    queues.map(async ({ name, type }): Promise<Finding> => {
      const { pollers } = await withDeadline(session.client.connection, () =>
        session.client.connection.workflowService.describeTaskQueue({
          namespace: session.target.namespace,
          taskQueue: { name },
          taskQueueType: type,
        }),
      );
      const count = pollers.length;
      return count > 0
        ? { level: 'ok', check: WORKER_CHECK, text: `${count} on task queue ${name}` }
        : {
            level: 'fail',
            check: WORKER_CHECK,
            text: `none on task queue ${name}; start one: evertoken worker`,
          };
    }),
  );
}

/** Name of the checks whose failure means that nobody answers. */
export const WORKER_CHECK = 'worker';

async function deciphering(
  { tokens }: CliSession,
  [first]: readonly CredentialSummary[],
): Promise<Finding> {
  const check = 'keys';
  if (first === undefined) return { level: 'ok', check, text: 'nothing to decipher yet' };
  try {
    await tokens.status(first.id);
    return { level: 'ok', check, text: 'answers can be deciphered' };
  } catch (error) {
    if (error instanceof TokenError) return { level: 'fail', check, text: error.message };
    throw error;
  }
}

function overdue(credentials: readonly CredentialSummary[]): readonly Finding[] {
  const bad = credentials.filter(({ status }) => status !== undefined && !isWell(status));
  if (bad.length > 0) {
    return bad.map(({ id, status }) => ({
      level: 'fail',
      check: 'credential',
      text: `${id} is ${status ?? 'unknown'}; see: evertoken status ${id}`,
    }));
  }
  return [{ level: 'ok', check: 'credentials', text: `${credentials.length}, none overdue` }];
}

function isWell(status: NonNullable<CredentialSummary['status']>): boolean {
  return status === 'fresh' || status === 'retrying' || status === 'stopped';
}
