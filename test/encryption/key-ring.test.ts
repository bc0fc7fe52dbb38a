import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { credentialPath, type Purpose } from '../../src/encryption/key-path.js';
import { KeyRing, generateKey, type SealedPlace } from '../../src/encryption/key-ring.js';
import { KeyRingFormatError } from '../../src/encryption/ring-format.js';

const plain = Buffer.from('a refresh token');
const HERE: SealedPlace = {
  purpose: 'owner',
  path: credentialPath('acme/klavi'),
  context: Buffer.from('here'),
};
const base64Of = (key: string) => key.slice(key.lastIndexOf(':') + 1);

describe('KeyRing', () => {
  it('seals with the first key and opens with every key', () => {
    const [old, fresh] = [generateKey(), generateKey()];
    const before = KeyRing.parse(old).seal(plain, HERE);
    const rotated = KeyRing.parse(`${fresh},${old}`);

    expect(rotated.sealingKeyId).toBe(fresh.split(':')[0]);
    expect(rotated.seal(plain, HERE).keyId).toBe(rotated.sealingKeyId);
    expect(Buffer.from(rotated.open(before.keyId, before.bytes, HERE))).toEqual(plain);
  });

  it('never seals the same bytes twice in the same way', () => {
    const ring = KeyRing.parse(generateKey());
    expect(ring.seal(plain, HERE).bytes).not.toEqual(ring.seal(plain, HERE).bytes);
  });

  it('does not open what was changed, cut short, or sealed for another place', () => {
    const ring = KeyRing.parse(generateKey());
    const { keyId, bytes } = ring.seal(plain, HERE);
    const changed = bytes.map((byte, index) => (index === 20 ? byte ^ 1 : byte));

    for (const [sealed, place] of [
      [changed, HERE],
      [bytes.subarray(0, -1), HERE],
      [bytes.subarray(0, 5), HERE],
      [bytes, { ...HERE, context: Buffer.from('there') }],
      [bytes, { ...HERE, path: credentialPath('acme/tavio') }],
      [bytes, { ...HERE, path: credentialPath('acme') }],
      [bytes, { ...HERE, purpose: 'reader' }],
    ] as const) {
      expect(() => ring.open(keyId, sealed, place)).toThrow(
        `does not open with the key that it names [keyId=${keyId}]`,
      );
    }
  });

  it('says which key is not in the ring', () => {
    const { bytes } = KeyRing.parse(generateKey()).seal(plain, HERE);
    expect(() => KeyRing.parse(generateKey()).open('lost-key', bytes, HERE)).toThrow(
      'sealed with a key that is not in the ring [keyId=lost-key]',
    );
  });

  it('takes ids with colons, such as ARNs of a key service', () => {
    const id = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd';
    expect(KeyRing.parse(`${id}:${base64Of(generateKey())}`).sealingKeyId).toBe(id);
  });

  it('names the position of a malformed entry and nothing of what it holds', () => {
    const good = generateKey();
    const CANARY = 'CANARY';
    for (const [text, message] of [
      [`${good},${CANARY}`, 'key is not written as id:base64 [position=2]'],
      [`${CANARY}:c2hvcnQ=`, 'key is not 32 bytes in base64 [position=1]'],
      [`${CANARY}:${base64Of(good)}!`, 'key is not 32 bytes in base64 [position=1]'],
      [`:${base64Of(good)}`, 'key is not written as id:base64 [position=1]'],
      [`${good},${good}`, 'key id appears twice [position=2]'],
      ['', 'key is not written as id:base64 [position=1]'],
    ] as const) {
      expect(() => KeyRing.parse(text)).toThrow(new KeyRingFormatError(message));
    }
  });

  it('prints no key', () => {
    const key = generateKey();
    const ring = KeyRing.parse(key);
    const printed = inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify(ring);
    expect(printed).not.toContain(base64Of(key));
    expect(printed).not.toContain(Buffer.from(base64Of(key), 'base64').toString('hex'));
  });
});

describe('a reader key', () => {
  const owner = KeyRing.parse(generateKey());
  const reader = (scope: string): KeyRing =>
    KeyRing.parseReaderKeys(owner.readerKeys(scope).join());
  const placeOf = (id: string, purpose: Purpose = 'reader'): SealedPlace => ({
    purpose,
    path: credentialPath(id),
    context: Buffer.from(id),
  });

  it('opens and seals what readers of its scope may, and the owner understands it', () => {
    const acme = reader('acme/');
    for (const id of ['acme/klavi', 'acme/eu/tavio']) {
      const told = owner.seal(plain, placeOf(id));
      expect(Buffer.from(acme.open(told.keyId, told.bytes, placeOf(id)))).toEqual(plain);
      const asked = acme.seal(plain, placeOf(id));
      expect(Buffer.from(owner.open(asked.keyId, asked.bytes, placeOf(id)))).toEqual(plain);
    }
  });

  it('opens nothing of another scope, nor what only owners may know', () => {
    const acme = reader('acme/');
    for (const id of ['other/klavi', 'acme', 'acmeklavi', 'acm/e']) {
      const told = owner.seal(plain, placeOf(id));
      expect(() => acme.open(told.keyId, told.bytes, placeOf(id))).toThrow('outside of the scope');
      expect(() => acme.seal(plain, placeOf(id))).toThrow('outside of the scope');
    }
    for (const purpose of ['owner', 'journal', 'operator'] as const) {
      const place = placeOf('acme/klavi', purpose);
      const told = owner.seal(plain, place);
      expect(() => acme.open(told.keyId, told.bytes, place)).toThrow('takes an owner key');
      expect(() => acme.seal(plain, place)).toThrow('takes an owner key');
    }
  });

  it('leads to the same keys below it as the owner key does, and to none beside it', () => {
    expect(reader('acme/').readerKeys('acme/eu/')).toEqual(owner.readerKeys('acme/eu/'));
    expect(reader('').readerKeys('acme/')).toEqual(owner.readerKeys('acme/'));
    expect(reader('acme/').readerKeys('other/')).toEqual([]);
    expect(reader('acme/eu/').readerKeys('acme/')).toEqual([]);
  });

  it('is made for each key of the ring, so that keys can be changed', () => {
    const [old, fresh] = [generateKey(), generateKey()];
    const before = KeyRing.parse(old).seal(plain, placeOf('acme/klavi'));
    const rotated = KeyRing.parse(`${fresh},${old}`);
    const keys = rotated.readerKeys('acme/');
    expect(keys).toHaveLength(2);
    expect(KeyRing.parseReaderKeys(keys.join()).readerKeys('acme/')).toEqual(keys);
    const acme = KeyRing.parseReaderKeys(keys.join());
    expect(Buffer.from(acme.open(before.keyId, before.bytes, placeOf('acme/klavi')))).toEqual(
      plain,
    );
    expect(acme.seal(plain, placeOf('acme/klavi')).keyId).toBe(rotated.sealingKeyId);
  });

  it('may have an id with colons in it', () => {
    const key = (id: string): string => `${id}:${base64Of(generateKey())}`;
    const keys = KeyRing.parse(`${key('arn:aws:kms')},${key('b')}`).readerKeys('acme/eu/');
    expect(KeyRing.parseReaderKeys(keys.join()).keyIds).toEqual(['arn:aws:kms', 'b']);
  });

  it('is named by position where it is malformed, and by nothing of what it holds', () => {
    const key = base64Of(generateKey());
    for (const [text, message] of [
      [`CANARY:${key}`, 'key is not written as id:scope:base64 [position=1]'],
      [`id:acme/:c2hvcnQ=`, 'key is not 32 bytes in base64 [position=1]'],
      [`id:acme/:${key}:c2hvcnQ=`, 'key is not 32 bytes in base64 [position=1]'],
      [`${key}:${key}`, 'key is not written as id:scope:base64 [position=1]'],
      [`id:acme:${key}`, 'scope is no id prefix that ends in / [position=1]'],
      [`id:acme/:${key},id:acme/:${key}`, 'key id appears twice [position=2]'],
    ] as const) {
      expect(() => KeyRing.parseReaderKeys(text)).toThrow(new KeyRingFormatError(message));
    }
  });
});

describe('generateKey', () => {
  it('makes a key that a ring takes, and never the same one', () => {
    const [one, other] = [generateKey(), generateKey()];
    expect(KeyRing.parse(`${one},${other}`).sealingKeyId).toMatch(/^key-[0-9a-f]{8}$/);
  });
});
