import type { EntryPlace, Sealer } from '../journal/port.js';
import type { Encryption } from './encryption.js';
import { credentialPath } from './key-path.js';
import type { SealedPlace } from './key-ring.js';
import { UndecipherableError } from './undecipherable-error.js';

/** First byte of what rests in plain text, followed by it. */
const PLAIN = 0;
/** First byte of what is sealed, followed by the key id's length in one byte, the key id, and the sealed bytes. */
const SEALED = 1;

/**
 * Seals what rests outside Temporal with the same ring, and a key of its own for each credential. The context is
 * authenticated, so a sealed value that is moved to another place does not open. `open` throws an `UndecipherableError`.
 */
export function createSealer(encryption: Encryption): Sealer {
  return {
    seal: (plain, place) => {
      if (encryption.keyRing === undefined) return Buffer.concat([Buffer.of(PLAIN), plain]);
      const { keyId, bytes } = encryption.keyRing.seal(plain, sealedPlace(place));
      const id = Buffer.from(keyId);
      return Buffer.concat([Buffer.of(SEALED, id.length), id, bytes]);
    },
    open: (sealed, place) => {
      if (sealed[0] === PLAIN && encryption.allowPlaintext) return sealed.subarray(1);
      const keyId = keyIdOf(sealed);
      if (keyId === undefined) throw new UndecipherableError('not_sealed');
      if (encryption.keyRing === undefined) throw new UndecipherableError('unknown_key', keyId);
      const bytes = sealed.subarray(2 + (sealed[1] ?? 0));
      return encryption.keyRing.open(keyId, bytes, sealedPlace(place));
    },
    keyIdOf,
  };
}

function sealedPlace({ credentialId, context }: EntryPlace): SealedPlace {
  return {
    purpose: 'journal',
    path: credentialPath(credentialId),
    context: Buffer.from(context),
  };
}

function keyIdOf(sealed: Uint8Array): string | undefined {
  if (sealed[0] !== SEALED) return undefined;
  return Buffer.from(sealed.subarray(2, 2 + (sealed[1] ?? 0))).toString();
}
