import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { describe, expect, it } from 'vitest';
import { PUBLISHED_ANSWER, STATUS_ANSWER, TOKEN_ANSWER } from '../../src/contract/answer-shapes.js';
import { FAILURE_SUMMARY, STATE } from '../../src/contract/keeper-shapes.js';
import { APPLY_REQUEST } from '../../src/contract/payload-shapes.js';
import { credentialPath } from '../../src/encryption/key-path.js';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { EncryptionCodec } from '../../src/encryption/payload-codec.js';
import { sample } from '../contract/shape-samples.js';
import { isRefused } from '../support/refused-payload.js';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

const owner = KeyRing.parse(generateKey());
const reader = KeyRing.parseReaderKeys(owner.readerKeys('acme/').join());
const service = new EncryptionCodec({ keyRing: reader, allowPlaintext: false });
const operator = new EncryptionCodec({ keyRing: owner, allowPlaintext: false });
const worker = new EncryptionCodec({ keyRing: owner, allowPlaintext: false }, 'replace');
const WORKFLOW_ID = 'credential:acme/klavi';
const HERE: SerializationContext = { type: 'workflow', namespace: 'n', workflowId: WORKFLOW_ID };

type Fields = Readonly<Record<string, unknown>>;
const full = (shape: typeof TOKEN_ANSWER): Fields => sample(shape, true) as Fields;
const LATER = { ofALaterBuild: { any: ['thing'] } };

const published = full(PUBLISHED_ANSWER);
const failure = full(FAILURE_SUMMARY);
const token = published['token'] as Fields;

/** What a later build answers, and what this one knows of it. */
const ANSWERS: readonly (readonly [string, Fields, Fields])[] = [
  ['a further field', { ...published, ...LATER }, published],
  ['a further field of the token', { ...published, token: { ...token, ...LATER } }, published],
  ['a further field of the failure', withFailure({ ...failure, ...LATER }), published],
  ['a status that is new', { ...published, status: 'paused' }, { ...published, status: 'paused' }],
  [
    'a type of failure that is new',
    withFailure({ ...failure, type: 'LaterError' }),
    withFailure({ ...failure, type: 'LaterError' }),
  ],
  ['a further field of a token answer', { ...full(TOKEN_ANSWER), ...LATER }, full(TOKEN_ANSWER)],
  ['a further field of a status', { ...full(STATUS_ANSWER), ...LATER }, full(STATUS_ANSWER)],
  ['a further field of a lone failure', { ...failure, ...LATER }, failure],
];

function withFailure(lastFailure: Fields): Fields {
  return { ...published, lastFailure };
}

const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valuesOf = (payloads: readonly Payload[]): unknown[] =>
  payloads.map((payload) => defaultPayloadConverter.fromPayload(payload));

/** As a later build seals it, or somebody with a reader's key. */
function sealedForReaders(value: unknown): Payload {
  const { keyId, bytes } = reader.seal(PayloadMessage.encode(payloadOf(value)).finish(), {
    purpose: 'reader',
    path: credentialPath('acme/klavi'),
    context: Buffer.from(`evertoken payload\nreader\n${WORKFLOW_ID}`),
  });
  const metadata = {
    encoding: Buffer.from('binary/encrypted'),
    'encryption-key-id': Buffer.from(keyId),
    'evertoken-purpose': Buffer.from('reader'),
    'evertoken-workflow-id': Buffer.from(WORKFLOW_ID),
  };
  return { metadata, data: bytes };
}

describe('an answer of a later build, with', () => {
  it.each(ANSWERS)('%s, is read by a service for what it knows', async (_what, said, known) => {
    const opened = await service.decode([sealedForReaders(said)], HERE);
    expect(valuesOf(opened)).toEqual([known]);
  });

  it.each(ANSWERS)('%s, is still sealed for readers by a worker', async (_what, said, known) => {
    const opened = await service.decode(await worker.encode([payloadOf(said)], HERE), HERE);
    expect(valuesOf(opened)).toEqual([known]);
  });
});

describe('what a reader’s key seals', () => {
  const state = full(STATE);
  const forged = {
    ...published,
    ...state,
    apply: full(APPLY_REQUEST),
    state,
    spec: state['spec'],
    useSearchAttributes: true,
  };

  it('reaches an operator’s command as no more than an answer, whatever else is in it', async () => {
    const [opened] = valuesOf(await operator.decode([sealedForReaders(forged)], HERE));
    expect(Object.keys(opened as Fields).sort()).toEqual(Object.keys(published).sort());
    await expect(operator.decode([sealedForReaders(state)], HERE)).rejects.toMatchObject({
      reason: 'not_for_readers',
    });
  });

  it('is refused by a worker as soon as anything in it is unknown', async () => {
    for (const value of [forged, { ...published, ...LATER }, { ...published, status: 'paused' }]) {
      const [read] = valuesOf(await worker.decode([sealedForReaders(value)], HERE));
      expect(isRefused(read)).toBe(true);
    }
  });
});
