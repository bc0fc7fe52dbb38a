/** Every name that leaves the process: Temporal's names, log keys and metrics. */

/** Type of the one workflow that keeps one credential fresh. */
export const KEEPER_WORKFLOW_TYPE = 'credentialKeeper';

/** Task queue on which keepers run. */
export const KEEPER_TASK_QUEUE = 'evertoken';

/**
 * Task queue of one provider's refreshes, or of those of one of its groups: a slow provider starves no other, and a limit
 * holds for all workers.
 */
export function providerTaskQueue(provider: string, group?: string): string {
  const queue = `${KEEPER_TASK_QUEUE}.${provider}`;
  return group === undefined ? queue : `${queue}.${group}`;
}

/** The group whose refreshes wait in a task queue, as workers are told of it; `undefined` for any other queue. */
export function groupOfTaskQueue(name: string): string | undefined {
  const [queue, provider, group, ...more] = name.split('.');
  const isOfGroup = queue === KEEPER_TASK_QUEUE && group !== undefined && more.length === 0;
  return isOfGroup ? `${provider ?? ''}/${group}` : undefined;
}

/** What `providerTaskQueue` makes, and more. Whoever may start workflows names the queues of their activities. */
const TASK_QUEUE_PATTERN = /^[\w.:-]{1,200}$/;

/** The name of a task queue as the server tells it, fit to be shown. */
export function shownTaskQueue(name: string): string {
  return TASK_QUEUE_PATTERN.test(name) ? name : '(unreadable name)';
}

/** What a group of credentials looks like; it is part of the name of a task queue. */
export const GROUP_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Worker Deployment whose versions the workers are, where Worker Versioning is used: one for all task queues. */
export const WORKER_DEPLOYMENT = 'evertoken';

const WORKFLOW_ID_PREFIX = 'credential:';

/** Workflow ID under which the keeper of a credential runs, again and again. */
export function keeperWorkflowId(credentialId: string): string {
  return `${WORKFLOW_ID_PREFIX}${credentialId}`;
}

/** What a credential id looks like: it is shown in the Temporal UI, so it must not be a secret. */
export const CREDENTIAL_ID_PATTERN = /^[a-z0-9][a-z0-9._/-]{0,199}$/;

/**
 * Credential id of a keeper's workflow ID, or `undefined` for a workflow that is not ours. Whoever may start workflows chooses
 * their IDs, and a terminal obeys some of what it is shown.
 */
export function credentialIdOf(workflowId: string): string | undefined {
  if (!workflowId.startsWith(WORKFLOW_ID_PREFIX)) return undefined;
  const id = workflowId.slice(WORKFLOW_ID_PREFIX.length);
  return CREDENTIAL_ID_PATTERN.test(id) ? id : undefined;
}

/** What the name of a provider looks like. */
export const PROVIDER_NAME_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Begins the names of the secrets that credentials use by `$env` or `$workerEnv`. */
export const WORKER_SECRET_PREFIX = 'EVERTOKEN_SECRET_';

/** The only variables of the worker that a credential may name, so that no file can post any other one to a host. */
export const WORKER_SECRET_VARIABLE = new RegExp(`^${WORKER_SECRET_PREFIX}[A-Z0-9_]+$`);

/** Search attributes by which operators filter keepers, of type Keyword; none holds secret material. */
export const SEARCH_ATTRIBUTES = {
  provider: 'EvertokenProvider',
  status: 'EvertokenStatus',
} as const;

/** Fields of a keeper's memo under which it publishes, sealed: its answer for readers, and its settings for owners. */
export const PUBLISHED_MEMO = { answer: 'evertoken', settings: 'evertokenSettings' } as const;

/** Keys of structured log lines. */
export const LOG_KEYS = {
  credentialId: 'credentialId',
  provider: 'provider',
  generation: 'generation',
  attempt: 'attempt',
  failureType: 'failureType',
  failureCode: 'failureCode',
  httpStatus: 'httpStatus',
  expiresAt: 'expiresAt',
  materialExpiresAt: 'materialExpiresAt',
  /** Of the key that sealed something. */
  keyId: 'keyId',
  /** What a journal says that cannot be used: words and codes of ours. */
  journalError: 'journalError',
  /** What keeps a request from being made: words of ours that name a field or a key, never its value. */
  problem: 'problem',
  /** Of the Temporal server. */
  address: 'address',
} as const;

/** Metrics that the worker exposes beside those of Temporal's SDK. */
export const METRICS = {
  refreshes: 'evertoken_refreshes',
  refreshFailures: 'evertoken_refresh_failures',
  journalAnswers: 'evertoken_journal_answers',
  journalWriteFailures: 'evertoken_journal_write_failures',
  refreshDuration: 'evertoken_refresh_duration',
} as const;

/** Variables of evertoken that are secrets: `NAME_FILE` names a file that holds the value instead. */
export const SECRET_VARIABLES = [
  'EVERTOKEN_ENCRYPTION_KEYS',
  'EVERTOKEN_READER_KEYS',
  'EVERTOKEN_JOURNAL_URL',
  'EVERTOKEN_CODEC_TOKEN',
] as const;

/** Variables whose values are secrets of the process itself. */
export const OWN_SECRET_VARIABLES = [
  ...SECRET_VARIABLES,
  'TEMPORAL_API_KEY',
  'PGPASSWORD',
] as const;

/** Whether a variable configures the process: a credential that named it would send its secret to a provider. */
export function isReservedVariable(name: string): boolean {
  const upper = name.toUpperCase();
  if (upper.startsWith('EVERTOKEN_')) return !WORKER_SECRET_VARIABLE.test(name);
  return upper.startsWith('TEMPORAL_') || upper.startsWith('PG');
}
