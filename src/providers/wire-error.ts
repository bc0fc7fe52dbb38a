import type { FailureCode } from '../contract/failures.js';

/** Why no usable answer came. No code carries text of the provider or of a library. */
export type WireErrorCode = Extract<
  FailureCode,
  /** There was no connection, so the request did not go out. */
  | 'not_connected'
  /** The connection broke after the request may have gone out. */
  | 'connection_lost'
  /** The answer was not complete within the deadline. */
  | 'deadline_exceeded'
  /** The answer is larger than `ANSWER_MAX_BYTES`. */
  | 'answer_too_large'
  /** Nothing may be sent to the address; `docs/errors.md` lists the causes. */
  | 'destination_refused'
  /** A look-up before the request failed, such as issuer discovery. */
  | 'look_up_failed'
>;

/** A request that got no usable answer. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;
  /** Whether the request may have reached the provider. */
  readonly mayHaveBeenSent: boolean;

  constructor(code: WireErrorCode, mayHaveBeenSent: boolean) {
    super(`no usable answer [code=${code}]`);
    this.code = code;
    this.mayHaveBeenSent = mayHaveBeenSent;
  }
}
