import type { JsonObject, Material, RefreshTiming, Token, TokenFacts } from './credential.js';
import type { EarlierLogin } from './keeper.js';
import type { RevokeTokenRequest, RevokeTokenResult } from './revocation.js';

/**
 * Why a refresh is made.
 * - `due`: its time has come.
 * - `wanted`: a service needs a newer token.
 * - `forced`: an operator asked for it, and it cuts our own backoff short.
 * - `forced-now`: the same, and it also ignores a `Retry-After`.
 */
export const REFRESH_REASONS = ['due', 'wanted', 'forced', 'forced-now'] as const;
export type RefreshReason = (typeof REFRESH_REASONS)[number];

/** Which login a credential's material descends from. */
export interface Lineage {
  /** SHA-256 of the spent material field as it was applied. */
  readonly lineage: string;
  /** Orders the lineages of a credential: counts its logins. */
  readonly epoch: number;
  /** Logins before it, the newest first. */
  readonly earlierLogins: readonly EarlierLogin[];
}

/** What a keeper asks of the `refreshToken` activity. */
export interface RefreshRequest extends Lineage {
  readonly credentialId: string;
  readonly provider: string;
  readonly config: JsonObject;
  readonly material: Material;
  readonly timing: RefreshTiming;
  /** Number of the application that the configuration came with. */
  readonly application: number;
  /** An operator returned to this lineage on purpose, although a later one replaced it. */
  readonly returns?: true;
  /**
   * Lineages that were applied before this one without asking the journal. If the journal does not know one of them, it
   * is later than all that the journal knows.
   */
  readonly unconfirmedLogins?: readonly string[];
  /** The journal that this credential uses; an attempt with another one sends nothing. Absent before the first refresh. */
  readonly journalId?: string;
  /** Generation of the current token; the refresh makes a later one. */
  readonly generation: number;
  /** Without the token itself, which no attempt needs: every byte of a request rests in each refresh's history. */
  readonly currentToken?: TokenFacts;
  readonly reason: RefreshReason;
  /** The keeper shows already that its client is rejected. */
  readonly isClientRejected?: true;
  /** If an earlier execution was cut: when it began, since its request may have gone out. */
  readonly doubtSinceMs?: number;
  /** If the keeper was moved to its journal: since when another one may know of requests that this one does not. */
  readonly movedSinceMs?: number;
  /** If this material was refused while a request with it was in doubt: since when that was. It is not sent again. */
  readonly refusedInDoubtSinceMs?: number;
}

/** The login that the journal's entry is of. */
export interface RecordedLogin extends Lineage {
  /** Number of the newest application that the journal knows. */
  readonly application: number;
}

/** A successful refresh, as it is journaled and handed to the keeper. */
export interface RefreshResult extends RecordedLogin {
  /** The keeper takes no result of another credential. */
  readonly credentialId: string;
  readonly generation: number;
  /** Dated as early as it may have been issued: when the server scheduled the attempt, plus the attempt's own time. */
  readonly token: Token;
  /**
   * How long the attempt had waited for its worker, in milliseconds by the server's clock; 0 if that is unknown. The
   * token was issued that much later than `token` says.
   */
  readonly waitedMs: number;
  /** The provider stated the expiry as a time, which does not move with the time of issue. */
  readonly hasStatedExpiry?: true;
  /** How long before its expiry the token's refresh starts, jitter included. */
  readonly refreshLeadMs: number;
  /** Material fields that the provider replaced; the others stay. */
  readonly replacedMaterial: Readonly<Record<string, string>>;
  /** The journal in which it is recorded. */
  readonly journalId: string;
}

/** What `recordApplication` found: the journal's newest answer, where the keeper does not hold it, or else the login. */
export interface RecordedApplication {
  /** The keeper takes no result of another credential. */
  readonly credentialId: string;
  readonly newest?: RefreshResult;
  /** Absent where the journal could not be asked. */
  readonly login?: RecordedLogin;
}

/** Details of a heartbeat, and of the signal of a delay: a request went out, recorded in this journal. */
export interface SentRequest {
  readonly sentWithJournal: string;
}

/** The activities that keepers call, by Temporal's activity types. */
export interface RefreshActivities {
  readonly refreshToken: (request: RefreshRequest) => Promise<RefreshResult>;
  /**
   * Tells the journal of an application that no refresh follows at once, so that a keeper that forgets it later finds it
   * there. Brings the newest answer, if one descends from what was applied. Nothing is sent.
   */
  readonly recordApplication: (request: RefreshRequest) => Promise<RecordedApplication>;
  readonly revokeToken: (request: RevokeTokenRequest) => Promise<RevokeTokenResult>;
}
