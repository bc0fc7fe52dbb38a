import { vi } from 'vitest';
import { WORKER_DEPLOYMENT } from '../../src/contract/names.js';
import type { Build, FullStack } from '../support/full-stack.js';
import { KeptCredentials } from '../support/kept-credential.js';

/** Credentials whose workers are replaced as a deploy would. */
export interface Deployed {
  readonly credentials: KeptCredentials;
  /** Puts workers of another build in the place of those that serve; `during` is called when both run. */
  replaceWith(build: Build, during?: () => void): Promise<void>;
}

/** New workers start, then the old ones are told to stop. */
export async function deployedByRestarts(first: Build): Promise<Deployed> {
  const credentials = await KeptCredentials.open({ build: first });
  const { stack } = credentials;
  return {
    credentials,
    replaceWith: async (build, during) => {
      const old = stack.workers;
      await stack.startWorkers(build);
      const stopped = old.map((workers) => workers.stop());
      during?.();
      await Promise.all(stopped);
    },
  };
}

/** Each build is a version of the Worker Deployment; the newest becomes the current one, the old workers stay. */
export async function deployedByVersions(first: Build): Promise<Deployed> {
  let count = 1;
  const version = (build: Build): Build => ({
    ...build,
    env: { EVERTOKEN_BUILD_ID: `build-${count}` },
  });
  const credentials = await KeptCredentials.open({ build: version(first) });
  const { stack } = credentials;
  await makeCurrent(stack, `build-${count}`);
  return {
    credentials,
    replaceWith: async (build, during) => {
      count += 1;
      await stack.startWorkers(version(build));
      await makeCurrent(stack, `build-${count}`);
      during?.();
    },
  };
}

/** As `temporal worker deployment set-current-version`; the server knows a version a moment after its workers poll. */
export async function makeCurrent(
  { client, namespace }: FullStack,
  buildId: string,
): Promise<void> {
  const request = { namespace: namespace.namespace, deploymentName: WORKER_DEPLOYMENT, buildId };
  await vi.waitFor(() => client.workflowService.setWorkerDeploymentCurrentVersion(request), {
    timeout: 60_000,
    interval: 200,
  });
}
