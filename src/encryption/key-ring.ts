import { createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { KEY_BYTES, openBytes, sealBytes } from './aes-gcm.js';
import { UndecipherableError } from './undecipherable-error.js';

/** What a key id looks like; it travels in clear beside each payload. ARNs of key services fit. */
const KEY_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;

const NO_CONTEXT = new Uint8Array();

/** A key of the ring; a `KeyObject` shows no bytes when printed. */
interface EncryptionKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** Bytes with the id of the key that sealed them. */
export interface Sealed {
  readonly keyId: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A key ring is not written as it should be. The message names positions, never a part of the text. */
export class KeyRingFormatError extends Error {
  override readonly name = 'KeyRingFormatError';
}

/**
 * Encryption keys by id: the first seals, all of them open. To rotate, put a new key in front on every
 * process and keep the old ones until nothing sealed with them is left.
 */
export class KeyRing {
  readonly #sealing: EncryptionKey;
  readonly #keys: ReadonlyMap<string, KeyObject>;

  private constructor(sealing: EncryptionKey, all: readonly EncryptionKey[]) {
    this.#sealing = sealing;
    this.#keys = new Map(all.map(({ id, key }) => [id, key]));
  }

  /**
   * Reads `id:base64[,id:base64…]`, each key 32 bytes in base64. An id may hold colons.
   * Throws a `KeyRingFormatError`.
   */
  static parse(text: string): KeyRing {
    const keys = text.split(',').map((entry, index) => parseEntry(entry.trim(), index + 1));
    keys.forEach(({ id }, index) => {
      if (keys.findIndex((key) => key.id === id) < index) {
        throw new KeyRingFormatError(`key id appears twice [position=${index + 1}]`);
      }
    });
    const [sealing] = keys;
    if (sealing === undefined) throw new KeyRingFormatError('no key');
    return new KeyRing(sealing, keys);
  }

  /** Id of the key that seals. */
  get sealingKeyId(): string {
    return this.#sealing.id;
  }

  /** Seals with the first key, bound to `context`. */
  seal(plain: Uint8Array, context: Uint8Array = NO_CONTEXT): Sealed {
    return {
      keyId: this.#sealing.id,
      bytes: sealBytes(this.#sealing.key, plain, context),
    };
  }

  /** Opens with the key named. Throws an `UndecipherableError` if that key is absent or does not fit. */
  open(
    keyId: string,
    sealed: Uint8Array,
    context: Uint8Array = NO_CONTEXT,
  ): Uint8Array<ArrayBuffer> {
    const key = this.#keys.get(keyId);
    if (key === undefined) throw new UndecipherableError('unknown_key', keyId);
    const plain = openBytes(key, sealed, context);
    if (plain === undefined) throw new UndecipherableError('damaged', keyId);
    return plain;
  }
}

/** A new random key as `EVERTOKEN_ENCRYPTION_KEYS` takes it: `key-<8 hex digits>:<base64>`. */
export function generateKey(): string {
  return `key-${randomBytes(4).toString('hex')}:${randomBytes(KEY_BYTES).toString('base64')}`;
}

function parseEntry(entry: string, position: number): EncryptionKey {
  const colon = entry.lastIndexOf(':');
  const id = entry.slice(0, Math.max(colon, 0));
  if (!KEY_ID_PATTERN.test(id)) {
    throw new KeyRingFormatError(`key is not written as id:base64 [position=${position}]`);
  }
  const base64 = entry.slice(colon + 1);
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== base64) {
    throw new KeyRingFormatError(`key is not ${KEY_BYTES} bytes in base64 [position=${position}]`);
  }
  return { id, key: createSecretKey(bytes) };
}
