import type { Worker } from '@temporalio/worker';

/**
 * The workers, if all could be created. Otherwise ends those that were, since each holds the connection, which could not be
 * closed. The SDK ends only a worker that runs.
 */
export async function allOrNone(creating: readonly Promise<Worker>[]): Promise<readonly Worker[]> {
  const outcomes = await Promise.allSettled(creating);
  const workers = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? [outcome.value] : [],
  );
  const broken = outcomes.find((outcome) => outcome.status === 'rejected');
  if (broken === undefined) return workers;
  await Promise.allSettled(workers.map((worker) => worker.runUntil(Promise.resolve())));
  throw broken.reason;
}
