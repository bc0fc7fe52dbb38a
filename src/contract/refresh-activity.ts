import type { JsonObject, Material, RefreshTiming, Token } from './credential.js';

/** What a keeper asks of the `refreshToken` activity. */
export interface RefreshRequest {
  readonly credentialId: string;
  readonly provider: string;
  readonly config: JsonObject;
  readonly material: Material;
  readonly timing: RefreshTiming;
  /** Lineage of the material: results of an older one are discarded. */
  readonly epoch: number;
  /** Generation of the current token; the refresh makes a later one. */
  readonly generation: number;
  readonly currentToken?: Token;
  /** An earlier execution was cut and its request may have gone out. */
  readonly mayBeInDoubt: boolean;
  /** Send although a `Retry-After` has not passed. */
  readonly overrideRetryAfter: boolean;
}

/** A successful refresh, as it is journaled and handed to the keeper. */
export interface RefreshResult {
  readonly epoch: number;
  readonly generation: number;
  readonly token: Token;
  /** Material fields that the provider replaced; the others stay. */
  readonly replacedMaterial: Readonly<Record<string, string>>;
}

/** The activities that keepers call, by Temporal's activity types. */
export interface RefreshActivities {
  refreshToken(request: RefreshRequest): Promise<RefreshResult>;
}
