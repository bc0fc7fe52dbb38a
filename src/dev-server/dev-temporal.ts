import { defined } from '../contract/defined.js';
import type { Config } from '../settings/config.js';
import { loadTemporalTarget } from '../temporal/connection.js';
import type { TemporalTarget } from '../temporal/connection.js';
import { DEV_FILES } from './dev-files.js';
import { freePort, isPortFree } from './free-port.js';
import type { Teardown } from './teardown.js';
import { findTemporalServer } from './temporal-executable.js';
import { startDevServer } from './temporal-server.js';

/** Ports of a dev server as everybody knows them; others are taken where they are in use. */
const PREFERRED_PORTS = { temporal: 7233, ui: 8233 } as const;

/** Ports for a dev server that are free at this moment. */
export interface DevPorts {
  readonly temporal: number;
  readonly ui: number;
}

/** The well-known ports where they are free, else others. */
export async function chooseDevPorts(): Promise<DevPorts> {
  return {
    temporal: await preferred(PREFERRED_PORTS.temporal),
    ui: await preferred(PREFERRED_PORTS.ui),
  };
}

/** A server for the dev environment. */
export interface DevTemporal {
  readonly target: TemporalTarget;
  /** Absent with a server of one's own. */
  readonly uiUrl?: string;
  hasEnded(): boolean;
}

/**
 * Uses the server that `TEMPORAL_ADDRESS` names, or starts a dev server with its UI and a database file that the
 * next start goes on with.
 */
export async function openDevTemporal(options: {
  readonly env: NodeJS.ProcessEnv;
  readonly config: Config;
  readonly ports: DevPorts;
  readonly codecEndpoint: string;
  readonly teardown: Teardown;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<DevTemporal> {
  const { env, config, ports, codecEndpoint, teardown, report, signal } = options;
  if (env['TEMPORAL_ADDRESS']) {
    return { target: loadTemporalTarget(env, config), hasEnded: () => false };
  }
  const executable = await findTemporalServer({ env, report, signal });
  report('starting the Temporal dev server …');
  const server = await startDevServer({
    executable,
    port: ports.temporal,
    uiPort: ports.ui,
    dbFilename: DEV_FILES.database,
    codecEndpoint,
    logFile: DEV_FILES.serverLog,
    signal,
  });
  teardown.add(() => server.stop());
  const { address, namespace, uiUrl } = server;
  return {
    target: { address, namespace, options: { address } },
    ...defined({ uiUrl }),
    hasEnded: () => server.hasEnded(),
  };
}

async function preferred(port: number): Promise<number> {
  return (await isPortFree(port)) ? port : freePort();
}
