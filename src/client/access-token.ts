import type { JsonObject } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { KeeperStatus } from '../contract/keeper.js';
import type { KnownToken } from './token-cache.js';

/** An access token for use. */
export interface AccessToken {
  /** Id of the credential. */
  readonly id: string;
  /** The secret itself. */
  readonly token: string;
  /** Scheme of the `Authorization` header: `Bearer` unless the provider says otherwise. */
  readonly tokenType: string;
  readonly expiresAt: Date;
  /** Counts refreshes: pass it to `refresh` as `afterGeneration` to say which token was found wanting. */
  readonly generation: number;
  readonly status: KeeperStatus;
  /** Scopes, space separated; absent when the provider never named any. */
  readonly scope?: string;
  /** What the provider returned beside the token, such as `instance_url`. */
  readonly extras?: JsonObject;
}

/** The token of an answer, as services use it. */
export function accessToken(known: KnownToken, nowMs: number): AccessToken {
  const { id, generation, status, token } = known;
  return {
    id,
    token: token.value,
    tokenType: token.tokenType,
    expiresAt: new Date(token.expiresAtMs),
    generation,
    status: judgedStatus(status, token.expiresAtMs, nowMs),
    ...defined({ scope: token.scope, extras: token.extras }),
  };
}

/** A status by the reader's clock: the keeper may have had no worker to notice that its token expired. */
export function judgedStatus(
  status: KeeperStatus,
  expiresAtMs: number | undefined,
  nowMs: number,
): KeeperStatus {
  const mayHaveExpired = status === 'fresh' || status === 'retrying';
  return mayHaveExpired && expiresAtMs !== undefined && expiresAtMs <= nowMs ? 'expired' : status;
}
