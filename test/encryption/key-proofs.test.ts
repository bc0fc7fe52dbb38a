import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, SerializationContext } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { refusedPayload } from '../../src/contract/refused-payload.js';
import { credentialPath } from '../../src/encryption/key-path.js';
import { KeyRing, generateKey, type SealedPlace } from '../../src/encryption/key-ring.js';
import { EncryptionCodec } from '../../src/encryption/payload-codec.js';

const OLD = generateKey();
const NEW = generateKey();
const idOf = (key: string) => key.slice(0, key.lastIndexOf(':'));
const HERE: SerializationContext = {
  type: 'workflow',
  namespace: 'default',
  workflowId: 'credential:acme/klavi',
};

async function sealedWith(keys: string): Promise<Payload> {
  const codec = new EncryptionCodec({ keyRing: KeyRing.parse(keys), allowPlaintext: false });
  const payload = defaultPayloadConverter.toPayload({ unusableGeneration: 1 });
  const [sealed] = await codec.encode([payload], HERE);
  return sealed ?? {};
}

function relabelled(sealed: Payload, keyId: string): Payload {
  return { ...sealed, metadata: { ...sealed.metadata, 'encryption-key-id': Buffer.from(keyId) } };
}

describe('a payload that was given another key id', () => {
  it.each([
    ['of two keys', `${OLD},${NEW}`, 'made-up', 'unproven_key'],
    ['of two keys in the other order', `${NEW},${OLD}`, 'made-up', 'unproven_key'],
    [
      'where the key that sealed it is retired',
      `${NEW},${idOf(OLD)}:retired`,
      'made-up',
      'unproven_key',
    ],
    ['where another key is retired', `${OLD},${NEW},other:retired`, 'other', 'retired_key'],
    ['that lacks the key that sealed it', NEW, 'made-up', 'unproven_key'],
  ])('counts as forged in a ring %s', async (_ring, keys, keyId, reason) => {
    const sealed = await sealedWith(`${OLD},${NEW}`);
    expect(sealed.metadata?.['evertoken-key-proofs']).toHaveLength(16);
    const forged = relabelled(sealed, keyId);
    const encryption = { keyRing: KeyRing.parse(keys), allowPlaintext: false };

    await expect(new EncryptionCodec(encryption).decode([forged], HERE)).rejects.toMatchObject({
      reason,
    });
    const [read] = await new EncryptionCodec(encryption, 'replace').decode([forged], HERE);
    expect(defaultPayloadConverter.fromPayload(read ?? {})).toEqual(refusedPayload('forged'));
  });
});

describe('a proof', () => {
  const place: SealedPlace = {
    purpose: 'owner',
    path: credentialPath('acme/klavi'),
    context: Buffer.from('here'),
  };
  const writer = KeyRing.parse(`${OLD},${NEW}`);
  const behind = KeyRing.parse(NEW);

  it('holds for the id and the bytes that it was made for, and in their place', () => {
    const sealed = writer.seal(Buffer.from('x'), place);
    const proofs = writer.proofs(sealed, place);
    expect(behind.isProven(sealed, proofs, place)).toBe(true);
    const elsewhere = { ...place, path: credentialPath('acme/tavio') };
    expect(behind.isProven(sealed, proofs, elsewhere)).toBe(false);
    expect(behind.isProven({ ...sealed, keyId: 'made-up' }, proofs, place)).toBe(false);
    const other = writer.seal(Buffer.from('x'), place);
    expect(behind.isProven({ ...other, keyId: sealed.keyId }, proofs, place)).toBe(false);
  });

  it.each(['made\nup', '', 'x'.repeat(2_000)])('holds for no id that no key may have', (keyId) => {
    const sealed = { keyId, bytes: new Uint8Array([1, 2, 3]) };
    expect(behind.isProven(sealed, writer.proofs(sealed, place), place)).toBe(false);
    expect(behind.isProven(sealed, Buffer.alloc(16), place)).toBe(false);
  });
});

describe('what a service seals with its reader keys', () => {
  const owner = KeyRing.parse(`${NEW},${OLD}`);
  const own = owner.readerKeys('acme/');
  const ghost = `ghost:acme/:${randomBytes(32).toString('base64')}`;
  /** The keys that prove that there is the key `NEW`. */
  const proving = (own[0] ?? '').split(':').slice(3);
  const sealedBy = async (keys: readonly string[]): Promise<Payload> => {
    const keyRing = KeyRing.parseReaderKeys(keys.join());
    const payload = defaultPayloadConverter.toPayload({ unusableGeneration: 1 });
    const [sealed] = await new EncryptionCodec({ keyRing, allowPlaintext: false }).encode(
      [payload],
      HERE,
    );
    return sealed ?? {};
  };
  const readBy = (keys: string, payload: Payload): Promise<Payload[]> => {
    const encryption = { keyRing: KeyRing.parse(keys), allowPlaintext: false };
    return new EncryptionCodec(encryption, 'replace').decode([payload], HERE);
  };
  const valueReadBy = async (keys: string, payload: Payload): Promise<unknown> =>
    defaultPayloadConverter.fromPayload((await readBy(keys, payload))[0] ?? {});

  it.each([
    ['in front of its own', [ghost, ...own]],
    ['with what proves another key', [[ghost, ...proving].join(':'), ...own]],
    [
      'with its own reader keys as what proves it',
      [[ghost, ...own.map((key) => key.split(':')[2])].join(':'), ...own],
    ],
  ])('counts as forged under a key that nobody else has, %s', async (_place, keys) => {
    const sealed = await sealedBy(keys);
    expect(Buffer.from(sealed.metadata?.['encryption-key-id'] ?? []).toString()).toBe('ghost');
    for (const ring of [`${NEW},${OLD}`, OLD, NEW]) {
      expect(await valueReadBy(ring, sealed)).toEqual(refusedPayload('forged'));
    }
  });

  it.each([
    ['of the same scope', own],
    [
      'made from those of a wider one',
      KeyRing.parseReaderKeys(owner.readerKeys('').join()).readerKeys('acme/'),
    ],
  ])('is waited for where the new key has not come yet, with keys %s', async (_scope, keys) => {
    const sealed = await sealedBy(keys);
    await expect(readBy(OLD, sealed)).rejects.toMatchObject({
      reason: 'unknown_key',
      keyId: idOf(NEW),
    });
    expect(await valueReadBy(`${OLD},${NEW}`, sealed)).toEqual({ unusableGeneration: 1 });
  });

  it('is read under no key that it only names, once that has come', async () => {
    const posed = [[ghost.replace('ghost', idOf(NEW)), ...proving].join(':')];
    const sealed = await sealedBy(posed);
    await expect(readBy(OLD, sealed)).rejects.toMatchObject({ reason: 'unknown_key' });
    expect(await valueReadBy(`${OLD},${NEW}`, sealed)).toEqual(refusedPayload('forged'));
  });

  it('proves nothing of what only owners seal', () => {
    const reader = KeyRing.parseReaderKeys(own.join());
    const place = { purpose: 'owner', path: credentialPath('acme/klavi') } as const;
    const context = Buffer.from('here');
    const sealed = owner.seal(Buffer.from('x'), { ...place, context });
    const proofs = reader.proofs(sealed, { ...place, purpose: 'reader', context });
    const behind = KeyRing.parse(OLD);
    expect(behind.isProven(sealed, proofs, { ...place, purpose: 'reader', context })).toBe(true);
    expect(behind.isProven(sealed, proofs, { ...place, context })).toBe(false);
    expect(reader.proofs(sealed, { ...place, context })).toHaveLength(0);
  });
});
