import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { KeyRing, KeyRingFormatError, generateKey } from '../../src/encryption/key-ring.js';

const plain = Buffer.from('a refresh token');
const base64Of = (key: string) => key.slice(key.lastIndexOf(':') + 1);

describe('KeyRing', () => {
  it('seals with the first key and opens with every key', () => {
    const [old, fresh] = [generateKey(), generateKey()];
    const before = KeyRing.parse(old).seal(plain);
    const rotated = KeyRing.parse(`${fresh},${old}`);

    expect(rotated.sealingKeyId).toBe(fresh.split(':')[0]);
    expect(rotated.seal(plain).keyId).toBe(rotated.sealingKeyId);
    expect(Buffer.from(rotated.open(before.keyId, before.bytes))).toEqual(plain);
  });

  it('never seals the same bytes twice in the same way', () => {
    const ring = KeyRing.parse(generateKey());
    expect(ring.seal(plain).bytes).not.toEqual(ring.seal(plain).bytes);
  });

  it('does not open what was changed, cut short, or sealed for another context', () => {
    const ring = KeyRing.parse(generateKey());
    const { keyId, bytes } = ring.seal(plain, Buffer.from('here'));
    const changed = bytes.map((byte, index) => (index === 20 ? byte ^ 1 : byte));

    for (const [sealed, context] of [
      [changed, 'here'],
      [bytes.subarray(0, -1), 'here'],
      [bytes.subarray(0, 5), 'here'],
      [bytes, 'there'],
      [bytes, ''],
    ] as const) {
      expect(() => ring.open(keyId, sealed, Buffer.from(context))).toThrow(
        `does not open with the key that it names [keyId=${keyId}]`,
      );
    }
  });

  it('says which key is not in the ring', () => {
    const { bytes } = KeyRing.parse(generateKey()).seal(plain);
    expect(() => KeyRing.parse(generateKey()).open('lost-key', bytes)).toThrow(
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

describe('generateKey', () => {
  it('makes a key that a ring takes, and never the same one', () => {
    const [one, other] = [generateKey(), generateKey()];
    expect(KeyRing.parse(`${one},${other}`).sealingKeyId).toMatch(/^key-[0-9a-f]{8}$/);
  });
});
