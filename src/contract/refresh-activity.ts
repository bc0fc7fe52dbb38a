import type { JsonObject, Material, RefreshTiming, Token } from './credential.js';

/** Who wants a refresh: the clock, a service that found the token wanting, or an operator with `--now`. */
export type RefreshReason = 'due' | 'forced' | 'forced-now';

/** What a keeper asks of the `refreshToken` activity. */
export interface RefreshRequest {
  readonly credentialId: string;
  readonly provider: string;
  readonly config: JsonObject;
  readonly material: Material;
  readonly timing: RefreshTiming;
  /** Drawn when the credential was first started; the journal tells by it whose entry it holds. */
  readonly keeperId: string;
  /** Lineage of the material: results of an older one are discarded. */
  readonly epoch: number;
  /** SHA-256 of the spent field as it was applied; absent where the keeper cannot tell. */
  readonly appliedFingerprint?: string;
  /** Generation of the current token; the refresh makes a later one. */
  readonly generation: number;
  readonly currentToken?: Token;
  /** `forced` cuts our own backoff short, `forced-now` a `Retry-After` too. */
  readonly reason: RefreshReason;
  /** An earlier execution was cut; it began then and its request may have gone out. */
  readonly doubtSinceMs?: number;
}

/** A successful refresh, as it is journaled and handed to the keeper. */
export interface RefreshResult {
  readonly epoch: number;
  /** What the request said of it: a keeper that was reset to an older epoch learns by it what was applied since. */
  readonly appliedFingerprint?: string;
  readonly generation: number;
  readonly token: Token;
  /** Material fields that the provider replaced; the others stay. */
  readonly replacedMaterial: Readonly<Record<string, string>>;
}

/** The activities that keepers call, by Temporal's activity types. */
export interface RefreshActivities {
  readonly refreshToken: (request: RefreshRequest) => Promise<RefreshResult>;
}
