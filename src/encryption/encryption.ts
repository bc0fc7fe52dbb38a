import type { KeyRing } from './key-ring.js';

/** How payloads and journal entries are protected. Without a ring plain text must be allowed. */
export interface Encryption {
  readonly keyRing?: KeyRing;
  /** Read what is not sealed; and, without a ring, write it so. */
  readonly allowPlaintext: boolean;
}
