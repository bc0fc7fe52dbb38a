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

  it('does not hold where the start of the bytes was moved into the id', () => {
    // A sealed value begins with random bytes: of 256, one begins with a line feed.
    const sealed = { keyId: idOf(OLD), bytes: new Uint8Array([0x0a, 1, 2, 3]) };
    const proofs = writer.proofs(sealed, place);
    expect(behind.isProven(sealed, proofs, place)).toBe(true);
    const moved = { keyId: `${sealed.keyId}\n`, bytes: sealed.bytes.subarray(1) };
    expect(behind.isProven(moved, proofs, place)).toBe(false);
  });
});
