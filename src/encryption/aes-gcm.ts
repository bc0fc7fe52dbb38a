import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const CIPHER = 'aes-256-gcm';

/** Length of a key in bytes. */
export const KEY_BYTES = 32;

/** 96 bits, the only length that GCM uses unhashed (NIST SP 800-38D, section 8.2). */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals bytes with AES-256-GCM as `IV ‖ ciphertext ‖ tag`, the layout of Temporal's encryption samples.
 * `context` is authenticated but not stored: opening takes the same one.
 */
export function sealBytes(
  key: KeyObject,
  plain: Uint8Array,
  context: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(context);
  return new Uint8Array(
    Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]),
  );
}

/** Opens what `sealBytes` sealed, or answers `undefined`: another key, another context, or damaged bytes. */
export function openBytes(
  key: KeyObject,
  sealed: Uint8Array,
  context: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
  const iv = sealed.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
    .setAAD(context)
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const plain = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES));
    return new Uint8Array(Buffer.concat([plain, decipher.final()]));
  } catch {
    return undefined;
  }
}
