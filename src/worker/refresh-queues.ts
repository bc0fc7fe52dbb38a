import { defined } from '../contract/defined.js';
import { providerTaskQueue } from '../contract/names.js';
import { builtInProviders } from '../providers/index.js';
import type { Config } from '../settings/config.js';

/** A task queue of refreshes, and how many attempts from it the server hands out each second. */
export interface RefreshQueue {
  readonly taskQueue: string;
  readonly limit?: number;
}

/** One queue for each provider, and one for each group that has a limit. */
export function refreshQueues({ rateLimits }: Pick<Config, 'rateLimits'>): readonly RefreshQueue[] {
  return builtInProviders.flatMap(({ name }) => {
    const { limit, groups = {} } = rateLimits[name] ?? {};
    return [
      { taskQueue: providerTaskQueue(name), ...defined({ limit }) },
      ...Object.entries(groups).map(([group, ofGroup]) => ({
        taskQueue: providerTaskQueue(name, group),
        limit: ofGroup,
      })),
    ];
  });
}

/** Attempts a second by task queue, where Temporal limits them. */
export function queueLimits(config: Pick<Config, 'rateLimits'>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    refreshQueues(config).flatMap(({ taskQueue, limit }) =>
      limit === undefined ? [] : [[taskQueue, limit] as const],
    ),
  );
}
