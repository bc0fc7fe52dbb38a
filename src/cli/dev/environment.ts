import { openSync } from 'node:fs';
import type { KeeperPort } from '../../client/keeper-port.js';
import { TokenClient } from '../../client/token-client.js';
import { defined } from '../../contract/defined.js';
import { makeDevDirectory } from '../../dev-server/dev-directory.js';
import { DEV_FILES } from '../../dev-server/dev-files.js';
import {
  announceDevSession,
  type DevSealing,
  runningDevSession,
  withdrawDevSession,
} from '../../dev-server/dev-session.js';
import { chooseDevPorts, openDevTemporal } from '../../dev-server/dev-temporal.js';
import type { Teardown } from '../../dev-server/teardown.js';
import { KeeperAdministration } from '../../keepers/administration.js';
import { TemporalKeepers } from '../../keepers/temporal-keepers.js';
import { loadConfig } from '../../settings/config.js';
import { LogStream } from '../../telemetry/log-stream.js';
import { createLogger } from '../../telemetry/logger.js';
import { createClient, openConnection } from '../../temporal/connection.js';
import type { TemporalTarget } from '../../temporal/connection.js';
import { connectWorkers } from '../../worker.js';
import { openHealth } from '../../worker/health.js';
import type { Appliers } from '../apply/applied-credential.js';
import { CommandError } from '../errors.js';
import { listenCodecServer } from '../listen-codec-server.js';
import { requireOwnerKeys } from '../session.js';
import { sealingOf, settledVariables } from './settled-variables.js';

/** The break itself is in the log; here it would be an error that is not ours. */
const WORKER_BROKE = `the worker broke; see ${DEV_FILES.workerLog}`;

/** A dev environment that runs: server, codec server and worker. */
export interface DevEnvironment {
  readonly reader: KeeperPort;
  readonly tokens: Pick<TokenClient, 'status'>;
  readonly keepers: Appliers['keepers'];
  readonly address: string;
  /** Absent if the caller uses a server of their own. */
  readonly uiUrl?: string;
  /** Whether the dev server has ended by itself. */
  hasServerEnded(): boolean;
  /** Resolves when the worker ends, with words about it. */
  readonly broken: Promise<string>;
}

/** What the start needs from outside. */
export interface DevStart {
  readonly env: NodeJS.ProcessEnv;
  readonly teardown: Teardown;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Starts all parts. `teardown` ends those that started, even if a later one does not start. */
export async function startDevEnvironment(start: DevStart): Promise<DevEnvironment> {
  const { env, teardown, report, signal } = start;
  const other = await runningDevSession();
  if (other !== undefined) {
    throw new CommandError(`evertoken dev runs in this directory already [process=${other.pid}]`);
  }
  makeDevDirectory();
  const ports = await chooseDevPorts();
  const variables = settledVariables(env, ports.ui);
  const config = loadConfig(variables);
  requireOwnerKeys(config);
  const log = createLogger(config, new LogStream(openSync(DEV_FILES.workerLog, 'a')));
  const codec = await listenCodecServer(config, log);
  teardown.add(() => codec.close());
  const codecEndpoint = codec.url;
  const temporal = await openDevTemporal({
    env,
    config,
    ports,
    codecEndpoint,
    teardown,
    report,
    signal,
  });
  const connection = await openConnection(temporal.target);
  teardown.add(() => connection.close());
  const client = createClient(temporal.target, connection, config.encryption);
  report('starting the worker …');
  const health = await openHealth(config);
  teardown.add(async () => health?.close());
  const { target } = temporal;
  const workers = await connectWorkers({ config, target, env: variables, log, health });
  const ended = workers.ended.catch(() => {
    throw new CommandError(WORKER_BROKE);
  });
  teardown.add(async () => {
    workers.shutdown();
    await ended;
  });
  if (temporal.uiUrl !== undefined) {
    announce(temporal.target, sealingOf(variables, config), teardown);
  }
  const reader = new TemporalKeepers(client);
  return {
    reader,
    tokens: new TokenClient(reader),
    keepers: new KeeperAdministration(client, undefined, config.searchAttributes),
    address: temporal.target.address,
    ...defined({ uiUrl: temporal.uiUrl }),
    hasServerEnded: () => temporal.hasEnded(),
    broken: ended.then(
      () => 'the worker ended',
      () => WORKER_BROKE,
    ),
  };
}

/** Not for a caller's own server, whose address alone would not let others in. */
function announce(
  { address, namespace }: TemporalTarget,
  sealing: DevSealing,
  teardown: Teardown,
): void {
  announceDevSession({ pid: process.pid, temporalAddress: address, namespace, sealing });
  teardown.add(withdrawDevSession);
}
