import type { Sealer } from '../journal/port.js';
import type { Encryption } from './encryption.js';
import { UndecipherableError } from './undecipherable-error.js';

/** First byte of what rests in plain text, followed by it. */
const PLAIN = 0;
/** First byte of what is sealed, followed by the key id's length in one byte, the key id, and the sealed bytes. */
const SEALED = 1;

/**
 * Seals what rests outside Temporal with the same ring. `context` is authenticated, so a sealed value that is
 * moved to another place does not open. `open` throws an `UndecipherableError`.
 */
export function createSealer(encryption: Encryption): Sealer {
  return {
    seal: (plain, context) => {
      if (encryption.keyRing === undefined) return Buffer.concat([Buffer.of(PLAIN), plain]);
      const { keyId, bytes } = encryption.keyRing.seal(plain, Buffer.from(context));
      const id = Buffer.from(keyId);
      return Buffer.concat([Buffer.of(SEALED, id.length), id, bytes]);
    },
    open: (sealed, context) => {
      if (sealed[0] === PLAIN && encryption.allowPlaintext) return sealed.subarray(1);
      const keyId = keyIdOf(sealed);
      if (keyId === undefined) throw new UndecipherableError('not_sealed');
      const idEnd = 2 + (sealed[1] ?? 0);
      if (encryption.keyRing === undefined) throw new UndecipherableError('unknown_key', keyId);
      return encryption.keyRing.open(keyId, sealed.subarray(idEnd), Buffer.from(context));
    },
    keyIdOf,
  };
}

function keyIdOf(sealed: Uint8Array): string | undefined {
  if (sealed[0] !== SEALED) return undefined;
  return Buffer.from(sealed.subarray(2, 2 + (sealed[1] ?? 0))).toString();
}
