import type { JsonObject } from '../contract/credential.js';
import type { Rotation } from './issued-secrets.js';
import type { StandInReply, StandInRequest } from './message.js';
import type { TokenIssuer } from './token-issuer.js';

/** A credential as a credentials file has it. */
export interface StandInCredential {
  readonly id: string;
  readonly provider: string;
  readonly config: JsonObject;
  readonly material: Readonly<Record<string, string>>;
}

/** The wire of one provider, as its page describes it. */
export interface StandInWire {
  /** Name of the provider. */
  readonly provider: string;
  /** What becomes of spent material unless a test says otherwise. */
  readonly rotation: Rotation;
  /** Answers a refresh. */
  refresh(request: StandInRequest, issuer: TokenIssuer): StandInReply;
  /** Answers a revocation; `undefined` for anything else. */
  revoke?(request: StandInRequest, issuer: TokenIssuer): StandInReply | undefined;
  /** Answers what spends nothing, such as metadata; `undefined` for the rest. */
  lookUp?(request: StandInRequest, issuer: TokenIssuer): StandInReply | undefined;
  /** A new credential to start with. */
  credential(id: string, issuer: TokenIssuer): StandInCredential;
}
