import { Context } from '@temporalio/activity';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { loadConfig } from '../../src/settings/config.js';
import { NAMESPACE } from '../server/bench-server.js';
import type { BareWorkerReport } from './messages.js';
import {
  BARE_ACTIVITY_TASK_QUEUE,
  BARE_TASK_QUEUE,
  type BareActivities,
  type Part,
  REMEMBERED_LOOPS,
} from './parts.js';

/** The worker of the bare loops, in a process of its own as evertoken's is. */

const turnsOf = new Map<string, number>();

const has = (parts: readonly Part[], part: Part): boolean => parts.includes(part);

const activities: BareActivities = {
  turn: async ({ id, plannedMs, parts, url, payload = '' }) => {
    if (has(parts, 'heartbeat')) Context.current().heartbeat({ sentWithJournal: id });
    if (has(parts, 'request')) {
      const response = await fetch(`${url}/visit?planned=${plannedMs}`, { method: 'POST' });
      await response.arrayBuffer();
    }
    turnsOf.set(id, (turnsOf.get(id) ?? 0) + 1);
    return payload;
  },
};

// It is asked for nothing but its report.
process.on('message', () => {
  const report: BareWorkerReport = { turnsOf: [...turnsOf] };
  process.send?.(report);
});
process.on('disconnect', () => process.exit());

const [address = '', bundle = ''] = process.argv.slice(2);
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: {
    logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
  },
});
const connection = await NativeConnection.connect({ address });
const common = {
  connection,
  namespace: NAMESPACE,
  activities,
  ...(process.env['EVERTOKEN_ENCRYPTION_KEYS'] === undefined
    ? {}
    : { dataConverter: createDataConverter(loadConfig(process.env).encryption, 'replace') }),
};
const workers = await Promise.all([
  Worker.create({
    ...common,
    taskQueue: BARE_TASK_QUEUE,
    workflowBundle: { codePath: bundle },
    maxCachedWorkflows: REMEMBERED_LOOPS,
  }),
  Worker.create({ ...common, taskQueue: BARE_ACTIVITY_TASK_QUEUE }),
]);
process.stdout.write('worker started\n');
await Promise.all(workers.map((worker) => worker.run()));
