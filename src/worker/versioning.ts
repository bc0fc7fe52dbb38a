import type { WorkerOptions } from '@temporalio/worker';
import { WORKER_DEPLOYMENT } from '../contract/names.js';

/**
 * Keepers move on to the current version with their next task. Pinned keepers would move a week later. Nobody could ask an
 * ended one for its token once the workers of its version are gone.
 */
export function versioning(
  buildId: string | undefined,
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (buildId === undefined) return {};
  return {
    workerDeploymentOptions: {
      version: { deploymentName: WORKER_DEPLOYMENT, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}
