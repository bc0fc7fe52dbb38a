import type { RefreshJournal } from '../journal/port.js';
import type { Provider, Send } from '../providers/port.js';
import type { Logger } from '../telemetry/logger.js';
import type { RefreshMetrics } from '../telemetry/refresh-metrics.js';
import type { TellDelay } from './delayed-refresh.js';
import type { HostPlaces } from './host-places.js';
import type { LateRecords } from './late-records.js';
import type { RequestPace } from './request-pace.js';
import type { RejectedClients } from './rejected-clients.js';
import type { ServerStart } from './attempt-clock.js';
import type { WorkerSecrets } from './worker-secrets.js';

/** Finds a provider by the name that credentials use; `undefined` for one that this worker does not know. */
export interface ProviderLookup {
  find(name: string): Provider | undefined;
}

/** All that the activities need from outside. */
export interface RefreshDeps {
  readonly providers: ProviderLookup;
  readonly journal: RefreshJournal;
  /** What could not be journaled yet. */
  readonly late: LateRecords;
  readonly secrets: WorkerSecrets;
  /** Sends the refresh itself; its deadline is `HTTP_DEADLINE_MS`. */
  readonly send: Send;
  /** Sends look-ups that spend nothing; its deadline is `PREPARE_DEADLINE_MS`. */
  readonly lookUp: Send;
  /** Requests that are open at each host, and how many may be. */
  readonly hosts: HostPlaces;
  readonly pace: RequestPace;
  readonly clients: RejectedClients;
  /** Attempts a second by task queue, where Temporal limits them. */
  readonly limits: Readonly<Record<string, number>>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: RefreshMetrics;
  readonly serverStart: ServerStart;
  readonly tellDelay: TellDelay;
}
