import type { Json, JsonObject, Token } from '../contract/credential.js';
import { defined } from '../contract/defined.js';
import type { KeeperStatus } from '../contract/keeper.js';
import type { TokenAnswer } from '../contract/messages.js';

/** An access token for use. All who read the same one may share the object, so it is frozen, with all that is in it. */
export interface AccessToken {
  /** Id of the credential. */
  readonly id: string;
  /** The secret itself. */
  readonly token: string;
  /** Scheme of the `Authorization` header: `Bearer` unless the provider says otherwise. */
  readonly tokenType: string;
  /** A date of the caller's own. */
  readonly expiresAt: Date;
  /**
   * Number of the token, larger for a later one. Pass it to `refresh` as `afterGeneration` to say which token did not
   * work.
   */
  readonly generation: number;
  readonly status: KeeperStatus;
  /** Scopes, space separated; absent when the provider never named any. */
  readonly scope?: string;
  /** What the provider returned beside the token, such as `instance_url`. */
  readonly extras?: JsonObject;
}

/** An answer that holds a token. */
export type KnownToken = TokenAnswer & { readonly token: Token };

/** Whether an answer holds a token; before the first refresh there may be none. */
export function hasToken(answer: TokenAnswer): answer is KnownToken {
  return answer.token !== undefined;
}

/** The token of an answer, as services use it. */
export function accessToken({ id, generation, status, token }: KnownToken): AccessToken {
  return Object.freeze({
    id,
    token: token.value,
    tokenType: token.tokenType,
    // Nobody can freeze a date.
    get expiresAt(): Date {
      return new Date(token.expiresAtMs);
    },
    generation,
    status,
    ...defined({ scope: token.scope, extras: token.extras && frozen(token.extras) }),
  });
}

function frozen<J extends Json>(json: J): J {
  if (typeof json === 'object' && json !== null) {
    for (const inner of Object.values<Json>(json)) frozen(inner);
    Object.freeze(json);
  }
  return json;
}
