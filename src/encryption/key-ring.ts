import { randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { KEY_BYTES, openBytes, sealBytes } from './aes-gcm.js';
import { derivedKey, isBelow, type KeyPath, type Purpose, scopePath } from './key-path.js';
import { isProvenBy, proofsOf, provingKey } from './key-proof.js';
import { isKeyId, parseKeys, parseReaderKeys, type RingKey } from './ring-format.js';
import { UndecipherableError } from './undecipherable-error.js';

/** Derived keys that a process remembers: about 2 MB, so that thousands of credentials cost no derivation each time. */
const DERIVED_KEYS_MAX = 10_000;

/** Where a sealed value belongs: the path of its key, and what is authenticated with it. */
export interface SealedPlace {
  readonly purpose: Purpose;
  readonly path: KeyPath;
  readonly context: Uint8Array;
}

/** Bytes with the id of the key that sealed them. */
export interface Sealed {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

/**
 * Encryption keys by id: the first that reaches a place seals, all of them open. To rotate, put a new key in front on
 * every process and keep the old ones until nothing sealed with them is left. Each place has a key of its own, derived
 * from the ring's, so that no key seals more often than AES-GCM with random nonces bears.
 */
export class KeyRing {
  readonly #keys: readonly RingKey[];
  readonly #retiredIds: ReadonlySet<string>;
  readonly #derived = new Map<string, KeyObject>();

  private constructor(keys: readonly RingKey[], retiredIds: ReadonlySet<string> = new Set()) {
    this.#keys = keys;
    this.#retiredIds = retiredIds;
  }

  /** Reads owner keys: `id:base64[,id:base64…]`, or `id:retired` for a key that is gone. Throws a `KeyRingFormatError`. */
  static parse(text: string): KeyRing {
    const { keys, retiredIds } = parseKeys(text);
    return new KeyRing(keys, retiredIds);
  }

  /** Reads reader keys: `id:scope:base64[:base64…][,…]`. Throws a `KeyRingFormatError`. */
  static parseReaderKeys(text: string): KeyRing {
    return new KeyRing(parseReaderKeys(text));
  }

  /** Whether it opens and seals all, and not only what readers may know. */
  get isOwners(): boolean {
    return this.#keys.some(({ scope }) => scope === undefined);
  }

  /** Id of the key that seals first. */
  get sealingKeyId(): string {
    return this.#keys[0]?.id ?? '';
  }

  get keyIds(): readonly string[] {
    return [...new Set(this.#keys.map(({ id }) => id))];
  }

  /** Whether the key of this id is gone for good. */
  isRetired(keyId: string): boolean {
    return this.#retiredIds.has(keyId);
  }

  /** Whether a credential's published answers can be read with it. */
  covers(path: KeyPath): boolean {
    return this.#keys.some((key) => reaches(key, 'reader', path));
  }

  /**
   * Reader keys of a scope, as `EVERTOKEN_READER_KEYS` takes them, one for each key that leads there, and with each what
   * proves its id to a worker that lacks the key.
   */
  readerKeys(scope: string): readonly string[] {
    const path = scopePath(scope);
    return this.#keys
      .filter((key) => reaches(key, 'reader', path))
      .map((key) => {
        const all = [this.#keyAt(key, 'reader', path), ...this.#provingKeys(key, 'reader', path)];
        return [key.id, scope, ...all.map((each) => each.export().toString('base64'))].join(':');
      });
  }

  /** Seals for a place. Throws an `UndecipherableError` where no key of the ring leads there. */
  seal(plain: Uint8Array, { purpose, path, context }: SealedPlace): Sealed {
    const key = this.#keys.find((each) => reaches(each, purpose, path));
    if (key === undefined) throw this.#unreachable(purpose);
    return { keyId: key.id, bytes: sealBytes(this.#keyAt(key, purpose, path), plain, context) };
  }

  /** Opens with the key named. Throws an `UndecipherableError` if that key is absent or does not fit. */
  open(
    keyId: string,
    sealed: Uint8Array,
    { purpose, path, context }: SealedPlace,
  ): Uint8Array<ArrayBuffer> {
    const named = this.#keys.filter(({ id }) => id === keyId);
    if (named.length === 0) {
      throw new UndecipherableError(this.isRetired(keyId) ? 'retired_key' : 'unknown_key', keyId);
    }
    const key = named.find((each) => reaches(each, purpose, path));
    if (key === undefined) throw this.#unreachable(purpose);
    const plain = openBytes(this.#keyAt(key, purpose, path), sealed, context);
    if (plain === undefined) throw new UndecipherableError('damaged', keyId);
    return plain;
  }

  /** Proofs of the id of the key that sealed something, one from each other owner key there was when the key was given out. */
  proofs({ keyId, bytes }: Sealed, { purpose, path }: SealedPlace): Uint8Array {
    const key = this.#keys.find((one) => one.id === keyId && reaches(one, purpose, path));
    return proofsOf(bytes, key === undefined ? [] : this.#provingKeys(key, purpose, path));
  }

  /**
   * Whether an owner key of this ring made one of the proofs, or gave out what made it. Then the key that sealed the value
   * exists, and is missing here.
   */
  isProven({ keyId, bytes }: Sealed, proofs: Uint8Array, { purpose, path }: SealedPlace): boolean {
    // Whoever wrote the value names the id, and no key can be derived for one of any length.
    if (!isKeyId(keyId)) return false;
    const owners = this.#keys.filter(({ scope }) => scope === undefined);
    const proving = owners.map(({ key }) => provingKey(key, purpose, keyId, path));
    return isProvenBy(bytes, proofs, proving);
  }

  /** An owner makes them of its other keys. A reader key came with its own. */
  #provingKeys({ id, scope, proving }: RingKey, purpose: Purpose, path: KeyPath): KeyObject[] {
    if (scope !== undefined) {
      return (proving ?? []).map((key) => derivedKey(key, path.slice(scope.length)));
    }
    const others = this.#keys.filter((other) => other.id !== id);
    return others.map(({ key }) => provingKey(key, purpose, id, path));
  }

  #keyAt({ id, key, scope }: RingKey, purpose: Purpose, path: KeyPath): KeyObject {
    const steps = scope === undefined ? [`purpose:${purpose}`, ...path] : path.slice(scope.length);
    if (steps.length === 0) return key;
    const name = JSON.stringify([id, scope ?? null, ...steps]);
    const known = this.#derived.get(name);
    if (known !== undefined) return known;
    const derived = derivedKey(key, steps);
    // The oldest goes first: deriving one anew costs microseconds.
    const [oldest] = this.#derived.keys();
    if (oldest !== undefined && this.#derived.size >= DERIVED_KEYS_MAX)
      this.#derived.delete(oldest);
    this.#derived.set(name, derived);
    return derived;
  }

  #unreachable(purpose: Purpose): UndecipherableError {
    return new UndecipherableError(purpose === 'reader' ? 'out_of_scope' : 'owner_key_needed');
  }
}

/** A new random key as `EVERTOKEN_ENCRYPTION_KEYS` takes it: `key-<8 hex digits>:<base64>`. */
export function generateKey(): string {
  return `key-${randomBytes(4).toString('hex')}:${randomBytes(KEY_BYTES).toString('base64')}`;
}

function reaches({ scope }: RingKey, purpose: Purpose, path: KeyPath): boolean {
  return scope === undefined || (purpose === 'reader' && isBelow(path, scope));
}
