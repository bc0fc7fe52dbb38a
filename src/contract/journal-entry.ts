import type { RefreshResult } from './refresh-activity.js';

/** A request that was about to go out. It is recorded first, so that no crash can hide it. */
export interface Intent {
  /** SHA-256 in hex of the material field that the request spends. */
  readonly fingerprint: string;
  /** When it was recorded, milliseconds since the epoch by the server's clock. */
  readonly atMs: number;
  /** After this the request is over, answered or not; much too late where the worker's clock ran ahead. */
  readonly deadlineAtMs: number;
  /** When a later attempt first found it open. The server had given up the attempt that recorded it by then. */
  readonly foundAtMs?: number;
}

/** All that is known of the newest refresh of one credential. Plain JSON; it rests sealed. */
export interface JournalEntry {
  /** Tells a credential that was created anew from one whose workflow was reset. */
  readonly keeperId: string;
  readonly epoch: number;
  /** Open: its request may be on the way, or its answer lost. */
  readonly intent?: Intent;
  /** The newest answer; kept until a newer one is durable. */
  readonly answer?: RefreshResult;
  /** A request that may have spent the material although its answer was never learned. */
  readonly doubt?: { readonly fingerprint: string; readonly sinceMs: number };
  /** Failed attempts in a row, and when the next may go out. */
  readonly setback?: Setback;
  /** 400 or 404 in a row in a shape that is not the provider's. */
  readonly unconfirmed?: Unconfirmed;
}

/** An entry whose newest request may be on the way. */
export type OpenEntry = JournalEntry & Required<Pick<JournalEntry, 'intent'>>;

export interface Setback {
  readonly count: number;
  readonly holdUntilMs: number;
  /** The wait is a `Retry-After` and not our own backoff. */
  readonly askedByProvider: boolean;
}

export interface Unconfirmed {
  readonly count: number;
  readonly firstAtMs: number;
}
