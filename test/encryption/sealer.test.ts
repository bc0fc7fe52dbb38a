import { describe, expect, it } from 'vitest';
import { KeyRing, generateKey } from '../../src/encryption/key-ring.js';
import { createSealer } from '../../src/encryption/sealer.js';
import type { EntryPlace } from '../../src/journal/port.js';
import { UndecipherableError } from '../../src/encryption/undecipherable-error.js';

const plain = Buffer.from('{"token":"CANARY"}');
const KEY = generateKey();
const sealer = createSealer({ keyRing: KeyRing.parse(KEY), allowPlaintext: false });
const placeOf = (credentialId: string): EntryPlace => ({ credentialId, context: 'journal' });
const plaintext = createSealer({ allowPlaintext: true });

describe('createSealer', () => {
  it('gives back what it sealed, and shows nothing of it', () => {
    const sealed = sealer.seal(plain, placeOf('acme/klavi'));
    expect(Buffer.from(sealer.open(sealed, placeOf('acme/klavi')))).toEqual(plain);
    expect(Buffer.from(sealed).toString('latin1')).not.toContain('CANARY');
  });

  it('does not open what was moved to another place', () => {
    expect(() =>
      sealer.open(sealer.seal(plain, placeOf('acme/klavi')), placeOf('acme/tavio')),
    ).toThrow(UndecipherableError);
  });

  it('opens what an older key sealed after a new one was put in front', () => {
    const rotated = createSealer({
      keyRing: KeyRing.parse(`${generateKey()},${KEY}`),
      allowPlaintext: false,
    });
    expect(Buffer.from(rotated.open(sealer.seal(plain, placeOf('x')), placeOf('x')))).toEqual(
      plain,
    );
  });

  it('refuses plain text unless it is allowed', () => {
    const unsealed = plaintext.seal(plain, placeOf('x'));
    expect(Buffer.from(plaintext.open(unsealed, placeOf('x')))).toEqual(plain);
    expect(() => sealer.open(unsealed, placeOf('x'))).toThrow(
      new UndecipherableError('not_sealed'),
    );
  });

  it('refuses what it never wrote', () => {
    for (const bytes of [Buffer.of(), Buffer.of(7), Buffer.of(1), Buffer.of(1, 200, 65)]) {
      expect(() => sealer.open(bytes, placeOf('x'))).toThrow(UndecipherableError);
    }
  });

  it('names the key that is missing when it has no keys', () => {
    expect(() => plaintext.open(sealer.seal(plain, placeOf('x')), placeOf('x'))).toThrow(
      new UndecipherableError('unknown_key', KEY.split(':')[0]),
    );
  });
});
