import type { EarlierLogin } from './keeper.js';
import type { RefreshResult } from './refresh-activity.js';

/** A request that was about to go out. It is recorded first, so that no crash can hide it. */
export interface Intent {
  /** Drawn by the attempt that recorded it. */
  readonly id: string;
  /** SHA-256 in hex of the material field that the request spends. */
  readonly fingerprint: string;
  /**
   * When it was recorded, in milliseconds since the epoch by the server's clock. Too early by the time that its attempt
   * waited for a worker.
   */
  readonly atMs: number;
  /** How long after its attempt began, in milliseconds by a clock that nobody sets. */
  readonly attemptAgeMs: number;
  /** When its request is surely over, by the server's word; recorded by the first later attempt that finds it open. */
  readonly overAtMs?: number;
}

/**
 * Material that came with an answer without a token. No result brings it to the keeper, so only the journal knows it.
 * An attempt that holds the replaced material spends this one instead.
 */
export interface Successor {
  /** SHA-256 in hex of the material field that the keeper held when it was replaced. */
  readonly of: string;
  readonly replacedMaterial: Readonly<Record<string, string>>;
}

/** A login that was replaced, with the newest answer of its lineage: kept until an operator forgets the credential. */
export interface KeptLogin extends EarlierLogin {
  readonly answer?: RefreshResult;
  /** Its newest request, if that was still open when the login was replaced. */
  readonly intent?: Intent;
  /** What was in doubt of its material when it was replaced. */
  readonly doubt?: Doubt;
  readonly successor?: Successor;
  /** Its first token was or may have been spent, and what came of that is not kept any more. */
  readonly isForgotten?: true;
}

/** A request that may have spent the material although its answer was never learned. */
export interface Doubt {
  readonly fingerprint: string;
  readonly sinceMs: number;
}

/** All that is known of the newest refresh of one credential. Plain JSON; it rests sealed. */
export interface JournalEntry {
  readonly credentialId: string;
  readonly provider: string;
  /** Fingerprint of the spent material field as it was applied: all of an entry but `earlierLogins` descends from it. */
  readonly lineage: string;
  readonly epoch: number;
  /** Number of the newest application that an attempt was made for. */
  readonly application: number;
  /** SHA-256 in hex of that application's settings: provider, configuration and what else of the material is not replaced. */
  readonly settings: string;
  /** The newest first. */
  readonly earlierLogins: readonly KeptLogin[];
  /** Open: its request may be on the way, or its answer lost. */
  readonly intent?: Intent;
  /** The newest answer; kept until a newer one is durable. */
  readonly answer?: RefreshResult;
  readonly doubt?: Doubt;
  /** What came after `answer`, without a token. */
  readonly successor?: Successor;
  /** Failed attempts in a row, and when the next may go out. */
  readonly setback?: Backoff;
  /** 400, 401, 403 or 404 in a row in a shape that is not the provider's. */
  readonly unconfirmed?: Unconfirmed;
}

/** An entry whose newest request may be on the way. */
export type OpenEntry = JournalEntry & Required<Pick<JournalEntry, 'intent'>>;

/** How long failed attempts hold the next one back. */
export interface Backoff {
  readonly count: number;
  /** The execution of the activity whose attempt failed; its later attempts do not pass this wait. */
  readonly execution: string;
  readonly holdUntilMs: number;
  /** The wait is a `Retry-After` and not our own backoff. */
  readonly askedByProvider: boolean;
}

export interface Unconfirmed {
  readonly count: number;
  readonly firstAtMs: number;
}
