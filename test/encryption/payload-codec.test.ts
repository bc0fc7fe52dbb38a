import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { describe, expect, it } from 'vitest';
import { credentialPath } from '../../src/encryption/key-path.js';
import { KeyRing, generateKey, type SealedPlace } from '../../src/encryption/key-ring.js';
import { EncryptionCodec } from '../../src/encryption/payload-codec.js';
import { UndecipherableError } from '../../src/encryption/undecipherable-error.js';
import { isRefused } from '../support/refused-payload.js';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

/** The key of Temporal's encryption samples. */
const SAMPLE_KEY = Buffer.from('test-key-test-key-test-key-test!');
const keyRing = KeyRing.parse(`test-key-id:${SAMPLE_KEY.toString('base64')}`);
const codec = new EncryptionCodec({ keyRing, allowPlaintext: false });

const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload | undefined): unknown =>
  defaultPayloadConverter.fromPayload(payload ?? {});
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString();

const contextOf = (credentialId: string): SerializationContext => ({
  type: 'workflow',
  namespace: 'default',
  workflowId: `credential:${credentialId}`,
});
const HERE = contextOf('acme/klavi');
const readersPlace: SealedPlace = {
  purpose: 'reader',
  path: credentialPath('acme/klavi'),
  context: Buffer.from('evertoken payload\nreader\ncredential:acme/klavi'),
};
const ACTIVITY: SerializationContext = {
  type: 'activity',
  namespace: 'default',
  workflowId: 'credential:acme/klavi',
  isLocal: false,
};

describe('EncryptionCodec', () => {
  it('gives back what it sealed, whatever the encoding', async () => {
    for (const value of [{ token: 'x' }, 'text', null, undefined, new Uint8Array([1, 2, 3]), 0]) {
      const [opened] = await codec.decode(await codec.encode([payloadOf(value)], HERE), HERE);
      expect(valueOf(opened)).toEqual(value);
    }
  });

  it('shows the key, the purpose and the workflow, and nothing of the payload', async () => {
    const [sealed] = await codec.encode([payloadOf({ token: 'CANARY' })], HERE);
    const shown = Object.entries(sealed?.metadata ?? {}).map(([name, bytes]) => [
      name,
      text(bytes),
    ]);
    expect(Object.fromEntries(shown)).toEqual({
      encoding: 'binary/encrypted',
      'encryption-key-id': 'test-key-id',
      'evertoken-purpose': 'owner',
      'evertoken-workflow-id': 'credential:acme/klavi',
    });
    expect(text(sealed?.data)).not.toContain('CANARY');
  });

  it('opens without a context what says which workflow it is of, as the codec server needs it', async () => {
    const sealed = await codec.encode([payloadOf('x')], HERE);
    expect((await codec.decode(sealed)).map(valueOf)).toEqual(['x']);
  });

  it('does not open what was sealed for another workflow, whatever its metadata says', async () => {
    const [sealed] = await codec.encode([payloadOf({ material: 'CANARY' })], HERE);
    const other = contextOf('evil/klavi');
    await expect(codec.decode([sealed ?? {}], other)).rejects.toEqual(
      new UndecipherableError('misplaced', 'test-key-id'),
    );
    const renamed = {
      ...sealed,
      metadata: {
        ...sealed?.metadata,
        'evertoken-workflow-id': Buffer.from('credential:evil/klavi'),
      },
    };
    await expect(codec.decode([renamed], other)).rejects.toEqual(
      new UndecipherableError('damaged', 'test-key-id'),
    );
    await expect(codec.decode([renamed], HERE)).rejects.toEqual(
      new UndecipherableError('misplaced', 'test-key-id'),
    );
  });

  it('does not open what claims another purpose than it was sealed for', async () => {
    const [sealed] = await codec.encode([payloadOf({ material: 'x' })], HERE);
    for (const purpose of ['reader', 'operator', 'journal', 'anything', '']) {
      const metadata = { ...sealed?.metadata, 'evertoken-purpose': Buffer.from(purpose) };
      await expect(codec.decode([{ ...sealed, metadata }], HERE)).rejects.toEqual(
        new UndecipherableError('damaged', 'test-key-id'),
      );
    }
  });

  it('seals for readers what they may know and ask, and for owners all else', async () => {
    const type = 'TransientRefreshError';
    const failure = { type, provider: 'klavi', code: 'http_503', atMs: 1, action: 'wait' };
    const purposes = await Promise.all(
      [
        { id: 'a', provider: 'klavi', status: 'fresh', generation: 1 },
        { minValidityMs: 0, generation: 1 },
        { unusableGeneration: 1 },
        failure,
        { message: 'no token', stack_trace: '' },
        { unusableGeneration: 1, cuts: 'backoff' },
        { spec: {}, application: 1, useSearchAttributes: true },
        'next refresh of acme/klavi',
        null,
      ].map(async (value) => {
        const [sealed] = await codec.encode([payloadOf(value)], HERE);
        return text(sealed?.metadata?.['evertoken-purpose']);
      }),
    );
    expect(purposes).toEqual([
      ...Array.from({ length: 5 }, () => 'reader'),
      ...Array.from({ length: 4 }, () => 'owner'),
    ]);
  });

  it('seals without a workflow nothing but a forced refresh that names its credential', async () => {
    const force = { unusableGeneration: 4, credentialId: 'acme/klavi' };
    const forced = await codec.encode([payloadOf(force)]);
    expect((await codec.decode(forced, HERE)).map(valueOf)).toEqual([force]);
    for (const value of [
      { unusableGeneration: 4 },
      { material: 'x' },
      { minValidityMs: 0, generation: 1 },
      'x',
      null,
    ]) {
      await expect(codec.encode([payloadOf(value)])).rejects.toEqual(
        new UndecipherableError('not_for_operators'),
      );
    }
  });

  it('opens what an activity answered for that execution of it, and for nothing else', async () => {
    const first: SerializationContext = { ...ACTIVITY, activityId: 'first' };
    const sealed = await codec.encode([payloadOf({ generation: 4, token: 'x' })], first);
    expect((await codec.decode(sealed, first)).map(valueOf)).toEqual([
      { generation: 4, token: 'x' },
    ]);
    for (const elsewhere of [{ ...ACTIVITY, activityId: 'second' }, HERE]) {
      await expect(codec.decode(sealed, elsewhere)).rejects.toMatchObject({ reason: 'misplaced' });
    }
    const [payload] = sealed;
    const metadata = { ...payload?.metadata, 'evertoken-activity-id': Buffer.from('second') };
    const renamed = { ...payload, metadata };
    await expect(
      codec.decode([renamed], { ...ACTIVITY, activityId: 'second' }),
    ).rejects.toMatchObject({ reason: 'damaged' });
  });

  it('of a worker seals also what the SDK reports of no workflow, for nobody to take as a message', async () => {
    const worker = new EncryptionCodec({ keyRing, allowPlaintext: false }, 'replace');
    const sealed = await worker.encode([payloadOf({ message: 'it failed', stack_trace: '' })]);
    expect(text(sealed[0]?.data)).not.toContain('it failed');
    await expect(codec.decode(sealed, HERE)).rejects.toMatchObject({ reason: 'misplaced' });
    expect((await codec.decode(sealed)).map(valueOf)).toEqual([
      { message: 'it failed', stack_trace: '' },
    ]);
  });

  it('of a worker waits for a key that is missing, and for none that is retired', async () => {
    const old = generateKey();
    const now = generateKey();
    const rotating = KeyRing.parse(`${old},${now}`);
    const [sealed] = await new EncryptionCodec({
      keyRing: rotating,
      allowPlaintext: false,
    }).encode([payloadOf('x')], HERE);
    const workerWith = (keys: string): EncryptionCodec =>
      new EncryptionCodec({ keyRing: KeyRing.parse(keys), allowPlaintext: false }, 'replace');
    await expect(workerWith(now).decode([sealed ?? {}], HERE)).rejects.toMatchObject({
      reason: 'unknown_key',
    });
    const retired = `${now},${old.slice(0, old.lastIndexOf(':'))}:retired`;
    const [replaced] = await workerWith(retired).decode([sealed ?? {}], HERE);
    expect(isRefused(valueOf(replaced))).toBe(true);
  });

  it('refuses what is not sealed', async () => {
    for (const payload of [payloadOf({ material: 'forged' }), payloadOf(null), {}]) {
      await expect(codec.decode([payload])).rejects.toEqual(new UndecipherableError('not_sealed'));
    }
  });

  it('lets the literal text through that the Temporal server writes by itself, and no other', async () => {
    const serverMade = payloadOf('ACTIVITY_ID_NOT_STARTED');
    expect(await codec.decode([serverMade], ACTIVITY)).toEqual([serverMade]);
    await expect(codec.decode([serverMade], HERE)).rejects.toThrow(UndecipherableError);

    for (const like of [' ACTIVITY_ID_NOT_STARTED', ['ACTIVITY_ID_NOT_STARTED']]) {
      await expect(codec.decode([payloadOf(like)], ACTIVITY)).rejects.toThrow(UndecipherableError);
    }
    const bytes = payloadOf(Buffer.from('"ACTIVITY_ID_NOT_STARTED"'));
    await expect(codec.decode([bytes], ACTIVITY)).rejects.toThrow(UndecipherableError);
  });

  it('reads both plain and sealed payloads where plain text is allowed', async () => {
    const migrating = new EncryptionCodec({ keyRing, allowPlaintext: true });
    const plain = payloadOf('plain');
    const [sealed] = await migrating.encode([payloadOf('sealed')], HERE);

    const opened = await migrating.decode([plain, sealed ?? {}]);

    expect(opened.map(valueOf)).toEqual(['plain', 'sealed']);
    expect(text(sealed?.data)).not.toContain('sealed');
  });

  it('leaves payloads as they are without keys', async () => {
    const plaintext = new EncryptionCodec({ allowPlaintext: true });
    expect((await plaintext.encode([payloadOf('plain')])).map(valueOf)).toEqual(['plain']);
  });

  it('names the key that is missing, where there is no ring or a key of the ring proves it', async () => {
    const shared = generateKey();
    const rotated = new EncryptionCodec({
      keyRing: KeyRing.parse(`${generateKey().replace(/^[^:]+/, 'new-key')},${shared}`),
      allowPlaintext: false,
    });
    const behind = new EncryptionCodec({ keyRing: KeyRing.parse(shared), allowPlaintext: false });
    const none = new EncryptionCodec({ allowPlaintext: true });
    const sealed = await rotated.encode([payloadOf('x')], HERE);

    for (const lacking of [behind, none]) {
      await expect(lacking.decode(sealed, HERE)).rejects.toEqual(
        new UndecipherableError('unknown_key', 'new-key'),
      );
    }
    await expect(codec.decode(sealed, HERE)).rejects.toEqual(
      new UndecipherableError('unproven_key', 'new-key'),
    );
  });

  it('shows no key id that could be something else', async () => {
    const [sealed] = await codec.encode([payloadOf('x')], HERE);
    const metadata = { ...sealed?.metadata, 'encryption-key-id': Buffer.from('<b>CANARY\n</b>') };

    const error: unknown = await codec.decode([{ ...sealed, metadata }]).catch((e: unknown) => e);

    expect(error).toBeInstanceOf(UndecipherableError);
    expect(String(error)).not.toContain('CANARY');
  });

  it('refuses sealed bytes that are no payload, and quotes none of them', async () => {
    const workflowId = 'credential:acme/klavi';
    const { keyId, bytes } = keyRing.seal(Buffer.from('CANARY, which is no protobuf message'), {
      purpose: 'owner',
      path: credentialPath('acme/klavi'),
      context: Buffer.from(`evertoken payload\nowner\n${workflowId}`),
    });
    const metadata = {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from(keyId),
      'evertoken-purpose': Buffer.from('owner'),
      'evertoken-workflow-id': Buffer.from(workflowId),
    };

    await expect(codec.decode([{ metadata, data: bytes }], HERE)).rejects.toEqual(
      new UndecipherableError('damaged', keyId),
    );
  });
});

describe('the codec of a worker', () => {
  const worker = new EncryptionCodec({ keyRing, allowPlaintext: false }, 'replace');
  const refuses = async (payload: Payload | undefined): Promise<boolean> => {
    const [read] = await worker.decode([payload ?? {}], HERE);
    return isRefused(valueOf(read));
  };

  it('reads a refusal in place of what is not sealed, and nothing of it', async () => {
    const [read] = await worker.decode([payloadOf({ material: 'forged' })], HERE);
    expect(isRefused(valueOf(read))).toBe(true);
    expect(text(read?.data)).not.toContain('forged');
  });

  it('reads a refusal in place of what is of another workflow, damaged, or of a key that is made up', async () => {
    const [moved] = await codec.encode([payloadOf(1)], contextOf('evil/klavi'));
    const [whole] = await codec.encode([payloadOf(1)], HERE);
    const damaged = { ...whole, data: Buffer.from('rubbish that is long enough to be sealed') };
    const metadata = { ...whole?.metadata, 'encryption-key-id': Buffer.from('made-up') };
    const proofs = { ...metadata, 'evertoken-key-proofs': Buffer.alloc(32) };
    for (const forged of [moved, damaged, { ...whole, metadata }, { ...whole, metadata: proofs }]) {
      expect(await refuses(forged)).toBe(true);
    }
  });

  it('reads a refusal in place of what a reader’s key seals although readers may not send it', async () => {
    const { purpose, path, context } = readersPlace;
    const forge = (value: unknown): Payload => {
      const plain = PayloadMessage.encode(payloadOf(value)).finish();
      const { keyId, bytes } = keyRing.seal(plain, { purpose, path, context });
      return {
        metadata: {
          encoding: Buffer.from('binary/encrypted'),
          'encryption-key-id': Buffer.from(keyId),
          'evertoken-purpose': Buffer.from(purpose),
          'evertoken-workflow-id': Buffer.from('credential:acme/klavi'),
        },
        data: bytes,
      };
    };
    expect(await refuses(forge({ unusableGeneration: 1 }))).toBe(false);
    for (const value of [
      { unusableGeneration: 1, cuts: 'backoff' },
      { spec: { id: 'acme/klavi' }, application: 1, useSearchAttributes: true },
      { credentialId: 'acme/klavi', unusableGeneration: 9 },
      { sentWithJournal: 'journal-1' },
      'unchanged',
    ]) {
      expect(await refuses(forge(value))).toBe(true);
    }
  });

  it('reads a refusal in place of what a reader’s key seals, however deep it is nested', async () => {
    const { purpose, path, context } = readersPlace;
    // Deeper than `JSON.stringify` bears.
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const data = Buffer.from(
      `{"id":"a","provider":"p","status":"fresh","generation":1,"later":1,"token":{"value":"v",` +
        `"tokenType":"Bearer","issuedAtMs":1,"expiresAtMs":2,"extras":${deep}}}`,
    );
    const plain = PayloadMessage.encode({ ...payloadOf(1), data }).finish();
    const { keyId, bytes } = keyRing.seal(plain, { purpose, path, context });
    const metadata = {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from(keyId),
      'evertoken-purpose': Buffer.from(purpose),
      'evertoken-workflow-id': Buffer.from('credential:acme/klavi'),
    };
    expect(await refuses({ metadata, data: bytes })).toBe(true);
    await expect(codec.decode([{ metadata, data: bytes }], HERE)).rejects.toBeInstanceOf(
      UndecipherableError,
    );
  });

  it('reads a refusal in place of a failure that a reader’s key seals for an activity', async () => {
    const here: SerializationContext = { ...ACTIVITY, activityId: 'pending' };
    const failure = {
      type: 'PermanentRefreshError',
      provider: 'klavi',
      code: 'invalid_grant',
      atMs: 1,
      action: 'run: something else',
    };
    const reader = KeyRing.parseReaderKeys(keyRing.readerKeys('acme/').join());
    const asReader = new EncryptionCodec({ keyRing: reader, allowPlaintext: false });
    await expect(asReader.encode([payloadOf(failure)], here)).rejects.toMatchObject({
      reason: 'owner_key_needed',
    });
    const context = Buffer.from('evertoken payload\nreader\ncredential:acme/klavi\npending');
    const plain = PayloadMessage.encode(payloadOf(failure)).finish();
    const { keyId, bytes } = reader.seal(plain, { ...readersPlace, context });
    const forged = {
      metadata: {
        encoding: Buffer.from('binary/encrypted'),
        'encryption-key-id': Buffer.from(keyId),
        'evertoken-purpose': Buffer.from('reader'),
        'evertoken-workflow-id': Buffer.from('credential:acme/klavi'),
        'evertoken-activity-id': Buffer.from('pending'),
      },
      data: bytes,
    };
    const [opened] = await worker.decode([forged], here);
    expect(isRefused(valueOf(opened))).toBe(true);
    const [own] = await worker.decode(await worker.encode([payloadOf(failure)], here), here);
    expect(valueOf(own)).toEqual(failure);
  });

  it('still refuses what names a key that it lacks and that exists: only another key ring helps', async () => {
    const shared = generateKey();
    const rotated = new EncryptionCodec({
      keyRing: KeyRing.parse(`${generateKey()},${shared}`),
      allowPlaintext: false,
    });
    const behind = new EncryptionCodec(
      { keyRing: KeyRing.parse(shared), allowPlaintext: false },
      'replace',
    );
    await expect(
      behind.decode(await rotated.encode([payloadOf(1)], HERE), HERE),
    ).rejects.toBeInstanceOf(UndecipherableError);
  });
});
