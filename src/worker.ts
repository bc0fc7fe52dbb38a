import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from './activities/create-activities.js';
import { tellDelay } from './activities/delayed-refresh.js';
import { HostPlaces } from './activities/host-places.js';
import { LateRecords } from './activities/late-records.js';
import type { RefreshDeps } from './activities/ports.js';
import { RejectedClients } from './activities/rejected-clients.js';
import { RequestPace } from './activities/request-pace.js';
import { serverStart } from './activities/server-start.js';
import { createWorkerSecrets } from './activities/worker-secrets.js';
import { defined } from './contract/defined.js';
import { KEEPER_TASK_QUEUE, LOG_KEYS } from './contract/names.js';
import type { RefreshActivities } from './contract/refresh-activity.js';
import { STOP_SIGNALS } from './contract/stop-signals.js';
import { createDataConverter } from './encryption/data-converter.js';
import { createSealer } from './encryption/sealer.js';
import { openJournal } from './journal/open-journal.js';
import { HTTP_DEADLINE_MS, PREPARE_DEADLINE_MS } from './policy/attempt-numbers.js';
import { builtInProviders } from './providers/index.js';
import { createProviderRegistry } from './providers/registry.js';
import { createSend } from './providers/wire/send.js';
import type { Config } from './settings/config.js';
import { createLogger, type Logger } from './telemetry/logger.js';
import { createRefreshMetrics, type RefreshMetrics } from './telemetry/refresh-metrics.js';
import { createClient, loadTemporalTarget, type TemporalTarget } from './temporal/connection.js';
import { openNativeConnection } from './temporal/worker-connection.js';
import { allOrNone } from './worker/all-or-none.js';
import type { WorkerHealth } from './worker/health.js';
import { inTurn } from './worker/in-turn.js';
import {
  SHUTDOWN_FORCE_MS,
  SHUTDOWN_GRACE_MS,
  STICKY_TIMEOUT_MS,
  WORKFLOW_CODE_TIMEOUT_MS,
} from './worker/numbers.js';
import { refuseOtherKeys } from './worker/other-keys.js';
import { queueLimits, type RefreshQueue, refreshQueues } from './worker/refresh-queues.js';
import { runToItsEnd } from './worker/run-to-its-end.js';
import { installWorkerRuntime } from './worker/runtime.js';
import { versioning } from './worker/versioning.js';
import { workflowCode } from './worker/workflow-code.js';

/** The SDK takes this option, although it is not among its public ones. */
export const WORKFLOW_CODE_LIMIT = { isolateExecutionTimeout: WORKFLOW_CODE_TIMEOUT_MS };

/** What a worker needs from the process that runs it. */
export interface WorkerParts {
  readonly config: Config;
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** Where `$workerEnv` reads. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: RefreshMetrics;
  /** Absent: nobody probes. */
  readonly health?: Pick<WorkerHealth, 'hasParts'> | undefined;
  /** A bundle that was made before. Default: the one of this build. */
  readonly workflowBundle?: WorkerOptions['workflowBundle'];
}

/** The workers of one process, running. */
export interface RunningWorkers {
  /** Resolves once all have ended. Rejects if one broke. */
  readonly ended: Promise<void>;
  /** Takes no new work, and lets requests that are under way finish. */
  shutdown(): void;
}

/**
 * Runs the production worker until SIGINT, SIGTERM or SIGHUP. However often it is told to stop, requests that are under way finish
 * first. It logs to standard output.
 * @throws TemporalUnreachableError, TemporalSettingsError, JournalError, ConfigError
 */
export async function runWorker({
  config,
  env,
  health,
}: Pick<WorkerParts, 'config' | 'env' | 'health'>): Promise<void> {
  const target = loadTemporalTarget(env, config);
  const log = createLogger(config);
  const workers = await connectWorkers({ config, target, env, log, health });
  log.info('worker started', { [LOG_KEYS.address]: target.address });
  // The SDK's runtime does not listen to all of them, and to no second one.
  const stop = (): void => {
    log.info('worker is stopping');
    workers.shutdown();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  await workers.ended;
  log.info('worker stopped');
}

/**
 * Connects to Temporal and starts the workers there. The connection is closed when they have ended.
 * @throws TemporalUnreachableError, JournalError, ConfigError
 */
export async function connectWorkers({
  config,
  target,
  env,
  log,
  health,
}: Pick<WorkerParts, 'config' | 'env' | 'health'> & {
  readonly target: TemporalTarget;
  readonly log: Logger;
}): Promise<RunningWorkers> {
  const runtime = installWorkerRuntime(config, log);
  const metrics = createRefreshMetrics(runtime.metricMeter);
  const connection = await openNativeConnection(target);
  try {
    const { namespace } = target;
    await refuseOtherKeys(createClient(target, connection, config.encryption), log);
    const workers = await startWorkers({
      config,
      connection,
      namespace,
      env,
      log,
      metrics,
      health,
    });
    return { ...workers, ended: inTurn([() => workers.ended, () => connection.close()]) };
  } catch (error) {
    // Whatever this says, the first error is the cause.
    await connection.close().catch(() => undefined);
    throw error;
  }
}

/**
 * Starts one worker for the keepers and one for each task queue of refreshes, so that one slow provider starves
 * no other and a rate limit holds over all worker processes.
 * @throws JournalError when the journal cannot be used
 */
export async function startWorkers(parts: WorkerParts): Promise<RunningWorkers> {
  const { config, namespace } = parts;
  const journal = await openJournal(config.journal, namespace, createSealer(config.encryption));
  const late = new LateRecords(journal);
  let workers: readonly Worker[] = [];
  const close = (): Promise<void> => inTurn([() => late.close(), () => journal.close()]);
  try {
    const isPolling = (): boolean =>
      workers.length > 0 && workers.every((worker) => worker.getState() === 'RUNNING');
    parts.health?.hasParts({ connection: parts.connection, journal, isPolling });
    workers = await createWorkers(parts, composeActivities(parts, { journal, late }));
    const shutdown = (): void => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    // If one breaks, the others stop too: half a worker would look healthy and refresh nothing.
    const runs = workers.map((worker) => runToItsEnd(worker, shutdown));
    for (const run of runs) run.catch(shutdown);
    return { ended: inTurn([() => allEnded(runs), close]), shutdown };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

function createWorkers(
  parts: WorkerParts,
  activities: RefreshActivities,
): Promise<readonly Worker[]> {
  return allOrNone([
    keeperWorker(parts),
    ...refreshQueues(parts.config).map((queue) => refreshWorker(parts, queue, activities)),
  ]);
}

/** Waits for all, since they use the connection until the last has ended. Then rejects with the error of the first that broke. */
async function allEnded(runs: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(runs);
  const broken = outcomes.find((outcome) => outcome.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
}

function composeActivities(
  parts: WorkerParts,
  kept: Pick<RefreshDeps, 'journal' | 'late'>,
): RefreshActivities {
  const { config, env, log, metrics } = parts;
  const { allowedHosts, secretsDir, secretRules: rules } = config;
  const hosts = { refuseLoopback: !config.allowLoopback, ...defined({ allowedHosts }) };
  const limits = queueLimits(config);
  return createActivities({
    ...kept,
    providers: createProviderRegistry(builtInProviders),
    secrets: createWorkerSecrets({ env, ...defined({ secretsDir, rules }) }),
    send: createSend({ ...hosts, deadlineMs: HTTP_DEADLINE_MS }),
    lookUp: createSend({ ...hosts, deadlineMs: PREPARE_DEADLINE_MS }),
    hosts: new HostPlaces(config.refreshesPerHost),
    clients: new RejectedClients(),
    limits,
    pace: new RequestPace(limits),
    log,
    metrics,
    serverStart,
    tellDelay,
  });
}

function keeperWorker(parts: WorkerParts): Promise<Worker> {
  return Worker.create({
    ...commonOptions(parts),
    ...WORKFLOW_CODE_LIMIT,
    taskQueue: KEEPER_TASK_QUEUE,
    maxCachedWorkflows: parts.config.cachedKeepers,
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
    ...(parts.workflowBundle === undefined
      ? workflowCode()
      : { workflowBundle: parts.workflowBundle }),
  });
}

function refreshWorker(
  parts: WorkerParts,
  { taskQueue, limit }: RefreshQueue,
  activities: RefreshActivities,
): Promise<Worker> {
  return Worker.create({
    ...commonOptions(parts),
    taskQueue,
    activities,
    maxConcurrentActivityTaskExecutions: parts.config.refreshesAtOnce,
    ...defined({ maxTaskQueueActivitiesPerSecond: limit }),
  });
}

function commonOptions(
  parts: WorkerParts,
): Pick<
  WorkerOptions,
  | 'connection'
  | 'namespace'
  | 'dataConverter'
  | 'shutdownGraceTime'
  | 'shutdownForceTime'
  | 'workerDeploymentOptions'
> {
  return {
    connection: parts.connection,
    namespace: parts.namespace,
    dataConverter: createDataConverter(parts.config.encryption, 'replace'),
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    shutdownForceTime: SHUTDOWN_FORCE_MS,
    ...versioning(parts.config.buildId),
  };
}
