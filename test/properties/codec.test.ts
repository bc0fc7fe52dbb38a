import { inspect, isDeepStrictEqual } from 'node:util';
import type { Payload, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { EncryptionCodec } from '../../src/encryption/payload-codec.js';
import { KeyRingFormatError } from '../../src/encryption/ring-format.js';
import { createSealer } from '../../src/encryption/sealer.js';
import { UndecipherableError } from '../../src/encryption/undecipherable-error.js';
import { createMarker, formsFound } from '../support/marker.js';
import { isRefused } from '../support/refused-payload.js';
import { holds, PROPERTY_TIMEOUT_MS } from './cases.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const SECRET = createMarker();
const [ownKey, otherKey, absentKey] = [generateKey(), generateKey(), generateKey()];
const idOf = (key: string): string => key.slice(0, key.lastIndexOf(':'));
const encryption = { keyRing: KeyRing.parse(`${ownKey},${otherKey}`), allowPlaintext: false };
const codec = new EncryptionCodec(encryption);
const sealer = createSealer(encryption);

const bytes = fc.uint8Array({ maxLength: 200 });
const secretBytes = bytes.map((rest) => Buffer.concat([Buffer.from(SECRET), rest]));
const payload = fc.record({
  metadata: fc.dictionary(fc.string(), bytes, { maxKeys: 3 }),
  data: secretBytes,
});
const place = fc.record({ credentialId: fc.string(), context: fc.string() });
const HERE: SerializationContext = {
  type: 'workflow',
  namespace: 'default',
  workflowId: 'credential:acme/shop',
};

/** Texts that no UTF-8 tells apart are the same place. */
function bytesOf(at: { readonly credentialId: string; readonly context: string }): Buffer[] {
  return [Buffer.from(at.credentialId), Buffer.from(at.context)];
}

describe('a sealed payload', () => {
  it(
    'comes back whole, in its place among others',
    () =>
      holds(
        fc.asyncProperty(fc.array(payload, { maxLength: 4 }), async (payloads) => {
          const sealed = await codec.encode(payloads, HERE);
          const onTheWire = sealed.flatMap((one) => [...PayloadMessage.encode(one).finish()]);
          expect(formsFound(SECRET, Uint8Array.from(onTheWire))).toEqual([]);
          expect((await codec.decode(sealed, HERE)).map(plain)).toEqual(payloads.map(plain));
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'never opens once anything of it was changed',
    () =>
      holds(
        fc.asyncProperty(payload, harm(), async (original, harmDone) => {
          const [sealed] = await codec.encode([original], HERE);
          if (sealed === undefined) throw new Error('nothing was sealed');
          const outcome = await codec
            .decode([harmDone(sealed)], HERE)
            .catch((error: unknown) => error);
          expectUndecipherable(outcome);
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'that nobody sealed is refused, and replaced by a worker, whatever it says',
    () =>
      holds(
        fc.asyncProperty(
          payload,
          fc.constantFrom('json/plain', 'binary/plain', ''),
          async (...of) => {
            const [{ data, metadata }, encoding] = of;
            const unsealed = { data, metadata: { ...metadata, encoding: Buffer.from(encoding) } };
            expectUndecipherable(
              await codec.decode([unsealed], HERE).catch((error: unknown) => error),
            );
            const worker = new EncryptionCodec(encryption, 'replace');
            const [read] = await worker.decode([unsealed], HERE);
            expect(isRefused(JSON.parse(Buffer.from(read?.data ?? []).toString()))).toBe(true);
          },
        ),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

describe('a sealed journal entry', () => {
  it(
    'opens in its own place, and nowhere else',
    () =>
      holds(
        fc.property(secretBytes, place, place, (entry, here, elsewhere) => {
          const sealed = sealer.seal(entry, here);
          expect(formsFound(SECRET, sealed)).toEqual([]);
          expect(Buffer.from(sealer.open(sealed, here))).toEqual(entry);
          fc.pre(!isDeepStrictEqual(bytesOf(here), bytesOf(elsewhere)));
          expectUndecipherable(errorOf(() => sealer.open(sealed, elsewhere)));
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'never opens once any of its bytes was changed',
    () =>
      holds(
        fc.property(secretBytes, place, byteHarm(), (entry, here, harmDone) => {
          const harmed = harmDone(sealer.seal(entry, here));
          expectUndecipherable(errorOf(() => sealer.open(harmed, here)));
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

describe('a key ring', () => {
  it(
    'is read, or refused without a part of its text, whatever is written',
    () =>
      holds(
        fc.property(ringText(), (text) => {
          const error = errorOf(() => KeyRing.parse(text));
          if (error === undefined) {
            const printed = inspect(KeyRing.parse(text), { depth: null, showHidden: true });
            for (const key of [ownKey, otherKey]) expectWithoutKey(printed, key);
            return;
          }
          expect(error).toBeInstanceOf(KeyRingFormatError);
          for (const key of [ownKey, otherKey]) expectWithoutKey(inspect(error), key);
          expect(formsFound(SECRET, Buffer.from(inspect(error)))).toEqual([]);
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

/** What may be done to a sealed payload by whoever can write to the namespace without a key. */
function harm(): fc.Arbitrary<(sealed: Payload) => Payload> {
  const withMetadata = (name: string, value: Uint8Array) => (sealed: Payload) => ({
    ...sealed,
    metadata: { ...sealed.metadata, [name]: value },
  });
  const keyId = fc
    .oneof(fc.constantFrom(idOf(otherKey), idOf(absentKey), '', `<${SECRET}>`), fc.string())
    .filter((id) => id !== idOf(ownKey));
  return fc.oneof(
    byteHarm().map((harmBytes) => (sealed: Payload) => ({
      ...sealed,
      data: harmBytes(sealed.data ?? new Uint8Array()),
    })),
    keyId.map((id) => withMetadata('encryption-key-id', Buffer.from(id))),
    fc
      .oneof(fc.constantFrom('json/plain', 'binary/null', 'BINARY/ENCRYPTED'), fc.string())
      .map((encoding) => withMetadata('encoding', Buffer.from(encoding))),
    fc.constantFrom<(sealed: Payload) => Payload>(
      ({ data }) => ({ data: data ?? null }),
      ({ metadata }) => ({ metadata: metadata ?? null }),
      ({ data }) => ({
        data: data ?? null,
        metadata: { encoding: Buffer.from('binary/encrypted') },
      }),
    ),
  );
}

/** A bit of any byte turned, an end cut off, bytes put after it, or other bytes altogether. */
function byteHarm(): fc.Arbitrary<(sealed: Uint8Array) => Uint8Array> {
  return fc.oneof(
    fc.tuple(fc.nat(), fc.nat({ max: 7 })).map(([position, bit]) => (sealed: Uint8Array) => {
      const at = position % sealed.length;
      return sealed.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte));
    }),
    fc.nat().map((length) => (sealed: Uint8Array) => sealed.subarray(0, length % sealed.length)),
    fc
      .uint8Array({ minLength: 1 })
      .map((more) => (sealed: Uint8Array) => Buffer.concat([sealed, more])),
    bytes.map((other) => () => other),
  );
}

/** A ring as it is written, with mistakes of whoever wrote it. */
function ringText(): fc.Arbitrary<string> {
  const entry = fc.oneof(
    fc.constantFrom(ownKey, otherKey, `${SECRET}:c2hvcnQ=`, `:${ownKey}`, ` ${otherKey} `),
    fc.tuple(fc.constantFrom(ownKey, otherKey), fc.nat(), fc.string()).map(([key, at, typo]) => {
      const position = at % key.length;
      return key.slice(0, position) + typo + key.slice(position + 1);
    }),
    fc.string().map((id) => `${id}${ownKey.slice(ownKey.lastIndexOf(':'))}`),
    fc.string(),
  );
  return fc.array(entry, { maxLength: 4 }).map((entries) => entries.join());
}

function expectUndecipherable(outcome: unknown): void {
  expect(outcome).toBeInstanceOf(UndecipherableError);
  expect(formsFound(SECRET, Buffer.from(inspect(outcome)))).toEqual([]);
}

function expectWithoutKey(printed: string, key: string): void {
  const material = Buffer.from(key.slice(key.lastIndexOf(':') + 1), 'base64');
  for (const form of ['base64', 'hex', 'latin1'] as const) {
    expect(printed).not.toContain(material.toString(form));
  }
}

function errorOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A payload as it is on the wire, where what is absent and what is empty are the same. */
function plain(one: Payload): unknown {
  return PayloadMessage.toObject(PayloadMessage.decode(PayloadMessage.encode(one).finish()), {
    bytes: String,
  });
}
