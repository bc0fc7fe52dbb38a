import type { FailureType } from '../contract/failures.js';
import type { RefreshJournal } from '../journal/port.js';
import type { Provider, Send } from '../providers/port.js';
import type { WorkerSecrets } from './worker-secrets.js';

/** Finds a provider by the name that credentials use; `undefined` for one that this worker does not know. */
export interface ProviderLookup {
  find(name: string): Provider | undefined;
}

/** Log lines of the activity: constant messages, facts in fields. */
export interface RefreshLog {
  info(message: string, facts: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts: Readonly<Record<string, unknown>>): void;
}

/** What the activity counts. */
export interface RefreshMetrics {
  refreshed(provider: string, durationMs: number): void;
  failed(provider: string, type: FailureType, code: string): void;
  answeredFromJournal(provider: string): void;
  journalWriteFailed(provider: string): void;
}

/** All that `refreshToken` needs from outside. */
export interface RefreshDeps {
  readonly providers: ProviderLookup;
  readonly journal: RefreshJournal;
  readonly secrets: WorkerSecrets;
  /** Sends the refresh itself; its deadline is `HTTP_DEADLINE_MS`. */
  readonly send: Send;
  /** Sends look-ups that spend nothing; its deadline is `PREPARE_DEADLINE_MS`. */
  readonly lookUp: Send;
  readonly log: RefreshLog;
  readonly metrics: RefreshMetrics;
}
