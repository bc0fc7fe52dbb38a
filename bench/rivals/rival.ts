import type { WorkerProcess } from '../fleet/worker-process.js';

/** Something that keeps credentials fresh, as the benchmarks see it. */
export interface Rival {
  readonly name: string;
  /** Processes of what stores its state. */
  readonly storePids: readonly number[];
  /** Processes of the workers that run. */
  readonly workerPids: readonly number[];
  startWorker(): Promise<WorkerProcess>;
  killWorkers(): Promise<void>;
  /** Keeps credentials from now on; the first refresh of each is due at once. */
  add(ids: readonly string[], grants: RivalGrants): Promise<void>;
  /** When refreshes of credentials are to begin, where requests do not say it themselves. */
  plans?(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The current access token, as a service would read it that does not know it. */
  read(id: string): Promise<string>;
  close(): Promise<void>;
}

/** How the provider grants, and so how often is to be refreshed. */
export interface RivalGrants {
  readonly lifetimeSeconds: number;
  /** Between two refreshes. */
  readonly periodMs: number;
}

/** What a job of a rival's queue holds. */
export interface RefreshJob {
  readonly id: string;
  readonly tokenEndpoint: string;
  readonly periodMs: number;
  /** When it was to begin, in milliseconds since the epoch; absent where the queue knows it better. */
  readonly plannedMs?: number;
}
