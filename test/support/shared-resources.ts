import { inject } from 'vitest';
import type { PostgresInstallation } from './postgres-installation.js';
import type { TimeSkippingServer } from './time-skipping-server.js';

/** What all test files of one run share. */
export interface SharedResources {
  /** `host:port` of a real dev server, in memory. */
  readonly temporalAddress: string;
  /** Bundle of `src/workflows`. */
  readonly workflowBundlePath: string;
  /** Bundle of workflows that ask for other things than keepers which are running did. */
  readonly incompatibleBundlePath: string;
  readonly timeSkippingServer: TimeSkippingServer;
  /** With it a test makes a `PostgresServer` of its own, to stop it or to look at its files. */
  readonly postgresInstallation: PostgresInstallation;
  /** URL of the administrator of a real PostgreSQL server; each test makes a `TestDatabase` there. */
  readonly postgresUrl: string;
  /** The built `evertoken` command, a module that `node` runs. */
  readonly commandPath: string;
}

/** Asks for something shared, which is made on the first request of the run. */
export async function shared<Name extends keyof SharedResources>(
  name: Name,
): Promise<SharedResources[Name]> {
  const response = await fetch(new URL(name, inject('sharedResourcesUrl')));
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as SharedResources[Name];
}
