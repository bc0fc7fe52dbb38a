import { webcrypto } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { describe, expect, it } from 'vitest';
import { isRefused } from '../../src/contract/refused-payload.js';
import { KeyRing, generateKey } from '../../src/encryption/key-ring.js';
import { EncryptionCodec } from '../../src/encryption/payload-codec.js';
import { UndecipherableError } from '../../src/encryption/undecipherable-error.js';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

/** The key of Temporal's encryption samples. */
const SAMPLE_KEY = Buffer.from('test-key-test-key-test-key-test!');
const keyRing = KeyRing.parse(`test-key-id:${SAMPLE_KEY.toString('base64')}`);
const codec = new EncryptionCodec({ keyRing, allowPlaintext: false });

const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload | undefined): unknown =>
  defaultPayloadConverter.fromPayload(payload ?? {});
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString();

function sampleCipherKey(): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('raw', SAMPLE_KEY, 'AES-GCM', true, ['encrypt', 'decrypt']);
}

describe('EncryptionCodec', () => {
  it('gives back what it sealed, whatever the encoding', async () => {
    for (const value of [{ token: 'x' }, 'text', null, undefined, new Uint8Array([1, 2, 3]), 0]) {
      const [opened] = await codec.decode(await codec.encode([payloadOf(value)]));
      expect(valueOf(opened)).toEqual(value);
    }
  });

  it('shows nothing but the encoding and the key id', async () => {
    const [sealed] = await codec.encode([payloadOf({ token: 'CANARY' })]);

    expect(Object.keys(sealed?.metadata ?? {}).sort()).toEqual(['encoding', 'encryption-key-id']);
    expect(text(sealed?.metadata?.['encoding'])).toBe('binary/encrypted');
    expect(text(sealed?.metadata?.['encryption-key-id'])).toBe('test-key-id');
    expect(text(sealed?.data)).not.toContain('CANARY');
  });

  it("seals so that Temporal's encryption samples can open it", async () => {
    const [sealed] = await codec.encode([payloadOf('from evertoken')]);
    const data = new Uint8Array(sealed?.data ?? []);

    const opened = await webcrypto.subtle.decrypt(
      { name: 'AES-GCM', iv: data.subarray(0, 12), tagLength: 128 },
      await sampleCipherKey(),
      data.subarray(12),
    );

    expect(valueOf(PayloadMessage.decode(new Uint8Array(opened)))).toBe('from evertoken');
  });

  it("opens what Temporal's encryption samples sealed", async () => {
    const iv = webcrypto.getRandomValues(new Uint8Array(12));
    const encrypted = await webcrypto.subtle.encrypt(
      { name: 'AES-GCM', iv, tagLength: 128 },
      await sampleCipherKey(),
      new Uint8Array(PayloadMessage.encode(payloadOf('from a sample')).finish()),
    );
    const metadata = {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from('test-key-id'),
    };

    const [opened] = await codec.decode([
      { metadata, data: Buffer.concat([iv, new Uint8Array(encrypted)]) },
    ]);

    expect(valueOf(opened)).toBe('from a sample');
  });

  it('refuses what is not sealed', async () => {
    for (const payload of [payloadOf({ material: 'forged' }), payloadOf(null), {}]) {
      await expect(codec.decode([payload])).rejects.toEqual(new UndecipherableError('not_sealed'));
    }
  });

  it('lets the literal text through that the Temporal server writes by itself, and no other', async () => {
    const serverMade = payloadOf('ACTIVITY_ID_NOT_STARTED');
    expect(await codec.decode([serverMade])).toEqual([serverMade]);

    for (const like of [' ACTIVITY_ID_NOT_STARTED', ['ACTIVITY_ID_NOT_STARTED']]) {
      await expect(codec.decode([payloadOf(like)])).rejects.toThrow(UndecipherableError);
    }
    const bytes = payloadOf(Buffer.from('"ACTIVITY_ID_NOT_STARTED"'));
    await expect(codec.decode([bytes])).rejects.toThrow(UndecipherableError);
  });

  it('reads both plain and sealed payloads where plain text is allowed', async () => {
    const migrating = new EncryptionCodec({ keyRing, allowPlaintext: true });
    const plain = payloadOf('plain');
    const [sealed] = await migrating.encode([payloadOf('sealed')]);

    const opened = await migrating.decode([plain, sealed ?? {}]);

    expect(opened.map(valueOf)).toEqual(['plain', 'sealed']);
    expect(text(sealed?.data)).not.toContain('sealed');
  });

  it('leaves payloads as they are without keys', async () => {
    const plaintext = new EncryptionCodec({ allowPlaintext: true });
    expect((await plaintext.encode([payloadOf('plain')])).map(valueOf)).toEqual(['plain']);
  });

  it('names the key that is missing, with and without a ring', async () => {
    const other = new EncryptionCodec({
      keyRing: KeyRing.parse(generateKey()),
      allowPlaintext: false,
    });
    const none = new EncryptionCodec({ allowPlaintext: true });
    const sealed = await codec.encode([payloadOf('x')]);

    for (const lacking of [other, none]) {
      await expect(lacking.decode(sealed)).rejects.toEqual(
        new UndecipherableError('unknown_key', 'test-key-id'),
      );
    }
  });

  it('shows no key id that could be something else', async () => {
    const [sealed] = await codec.encode([payloadOf('x')]);
    const metadata = { ...sealed?.metadata, 'encryption-key-id': Buffer.from('<b>CANARY\n</b>') };

    const error: unknown = await codec.decode([{ ...sealed, metadata }]).catch((e: unknown) => e);

    expect(error).toBeInstanceOf(UndecipherableError);
    expect(String(error)).not.toContain('CANARY');
  });

  it('refuses sealed bytes that are no payload, and quotes none of them', async () => {
    const { keyId, bytes } = keyRing.seal(Buffer.from('CANARY, which is no protobuf message'));
    const metadata = {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from(keyId),
    };

    await expect(codec.decode([{ metadata, data: bytes }])).rejects.toEqual(
      new UndecipherableError('damaged', keyId),
    );
  });
});

describe('the codec of a worker', () => {
  const worker = new EncryptionCodec({ keyRing, allowPlaintext: false }, 'replace');

  it('reads a refusal in place of what is not sealed, and nothing of it', async () => {
    const [read] = await worker.decode([payloadOf({ material: 'forged' })]);
    expect(isRefused(valueOf(read))).toBe(true);
    expect(text(read?.data)).not.toContain('forged');
  });

  it('still refuses what names a key that it does not have: only another key ring helps', async () => {
    const other = new EncryptionCodec({
      keyRing: KeyRing.parse(generateKey()),
      allowPlaintext: false,
    });
    await expect(worker.decode(await other.encode([payloadOf(1)]))).rejects.toBeInstanceOf(
      UndecipherableError,
    );
  });
});
