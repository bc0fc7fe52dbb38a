import type { JsonObject, Material } from './credential.js';
import type { MadeByOperator } from './messages.js';

/**
 * Argument of the `revoke` update. It fits one generation of one application, and its field is named unlike any other, so
 * that no other sealed object can be sent in its place.
 */
export interface RevokeRequest extends MadeByOperator {
  readonly revokedGeneration: number;
  /** Number of the newest application. */
  readonly application: number;
}

/** What a keeper asks of the `revokeToken` activity. */
export interface RevokeTokenRequest {
  readonly credentialId: string;
  readonly provider: string;
  readonly config: JsonObject;
  readonly material: Material;
  /** The login that is revoked: SHA-256 of the spent material field as it was applied. */
  readonly lineage: string;
  /** Number of the newest application that the keeper knows. */
  readonly application: number;
  /** An operator returned to this login on purpose, and no refresh has confirmed it yet. */
  readonly returns?: true;
  readonly generation: number;
  /** When the keeper began with it, by the server's clock; a copy of the request does nothing some minutes later. */
  readonly wantedAtMs: number;
  /** A request since then may have brought newer material, as `RefreshRequest.doubtSinceMs` says. */
  readonly doubtSinceMs?: number;
  /** The same for requests in another journal, as `RefreshRequest.movedSinceMs` says. */
  readonly movedSinceMs?: number;
  /** The journal that this credential uses; absent before the first refresh. */
  readonly journalId?: string;
  /** Value of the current token, which some servers let live on without its grant. */
  readonly accessToken?: string;
}

/** How a revocation went; an access token that is left may live until it expires. */
export const REVOCATIONS = ['revoked', 'access-token-left'] as const;
export type RevocationDone = (typeof REVOCATIONS)[number];

/** A grant that the provider has revoked. */
export interface RevokeTokenResult {
  /** The keeper takes no result of another credential. */
  readonly credentialId: string;
  /** By the server's clock, milliseconds since the epoch. */
  readonly revokedAtMs: number;
  /** The provider did not revoke the access token, too: it may live until it expires. */
  readonly isAccessTokenLeft?: true;
}
