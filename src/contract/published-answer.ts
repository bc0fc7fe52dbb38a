import type { CredentialSpec, Token } from './credential.js';
import type { FailureSummary } from './failures.js';
import type { KeeperStatus } from './keeper.js';

/**
 * What a keeper publishes in its memo, sealed for readers: all that the `token` and `status` queries answer, save what only
 * the moment of asking tells. The Temporal server hands it over by itself, whatever becomes of workers.
 */
export interface PublishedAnswer {
  readonly id: string;
  readonly provider: string;
  readonly status: KeeperStatus;
  readonly generation: number;
  readonly epoch: number;
  /** Number of the newest application that the answer takes into account. */
  readonly application: number;
  readonly journalId?: string;
  readonly token?: Token;
  /** Absent once the keeper has ended. */
  readonly nextRefreshAtMs?: number;
  /** A refresh was under way, or due, when this was published. */
  readonly awaitsRefresh: boolean;
  /** A forced refresh is to come. */
  readonly forcePending: boolean;
  /** The keeper was told to stop, or to revoke its grant, and ends once its request is over. */
  readonly isEnding?: true;
  readonly failureStreak: number;
  readonly lastFailure?: FailureSummary;
}

/**
 * What was applied last, without its material, published for owners: enough to tell that a file brings nothing new.
 */
export interface PublishedSettings extends Omit<
  CredentialSpec,
  'material' | 'seedToken' | 'seedLead'
> {
  /** Whether the keeper uses our search attributes. */
  readonly usesSearchAttributes: boolean;
}
