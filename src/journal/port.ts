import type { RefreshResult } from '../contract/refresh-activity.js';

/** A request that was about to go out. It is recorded first, so that no crash can hide it. */
export interface Intent {
  /** SHA-256 in hex of the material field that the request spends. */
  readonly fingerprint: string;
  /** When it was recorded, by the server's clock. */
  readonly atMs: number;
  /** After this the request is over, answered or not. */
  readonly deadlineAtMs: number;
}

/** All that is known of the newest refresh of one credential. */
export interface JournalEntry {
  readonly epoch: number;
  /** Open: its request may be on the way, or its answer lost. */
  readonly intent?: Intent;
  /** The newest answer; kept until a newer one is durable. */
  readonly answer?: { readonly fingerprint: string; readonly result: RefreshResult };
  /** The provider asked to wait until then. */
  readonly holdUntilMs?: number;
  /** A request that may have spent the material without our learning its answer. */
  readonly doubt?: { readonly fingerprint: string; readonly sinceMs: number };
  /** 400 or 404 in a row in a shape that is not the provider's. */
  readonly unconfirmed?: { readonly count: number; readonly firstAtMs: number };
}

/**
 * The record of what was sent and what came back, one entry per credential. Writing resolves only when the
 * entry is durable; entries rest sealed. Every method may reject with a `JournalError`.
 */
export interface RefreshJournal {
  read(credentialId: string): Promise<JournalEntry | undefined>;
  /** Replaces the entry whole; the old one stays readable until the new one is durable. */
  write(credentialId: string, entry: JournalEntry): Promise<void>;
}

/** Seals and opens what rests outside Temporal; `context` binds a sealed value to its place. */
export interface Sealer {
  seal(plain: Uint8Array, context: string): Uint8Array;
  open(sealed: Uint8Array, context: string): Uint8Array;
}

/** The journal could not be read or written. Its message names no secret. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}
