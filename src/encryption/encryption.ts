import type { KeyRing } from './key-ring.js';

/** How payloads and journal entries are protected. Without a ring plain text must be allowed. */
export interface Encryption {
  readonly keyRing?: KeyRing;
  /** Accept what is not sealed. Without a ring, nothing is sealed. */
  readonly allowPlaintext: boolean;
}
