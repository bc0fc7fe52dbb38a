import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { describe, expect, it } from 'vitest';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { EncryptionCodec } from '../../src/encryption/payload-codec.js';

const page = readFileSync(new URL('../../docs/encryption.md', import.meta.url), 'utf8');
/** The value of a row of the page's example. */
const said = (name: string): string => {
  const row = page.split('\n').find((line) => line.startsWith(`| ${name} `));
  return /\| `([^`]+)` +\|$/.exec(row ?? '')?.[1] ?? '';
};
const OWNER_KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
const WORKFLOW_ID = 'credential:acme/klavi';

/** As the page says it, with nothing of ours. */
function step(key: Uint8Array, name: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `evertoken/1 ${name}`, 32));
}

describe('the format as docs/encryption.md has it', () => {
  const reader = step(OWNER_KEY, 'purpose:reader');
  const folder = step(reader, 'folder:acme');
  const leaf = step(folder, 'id:klavi');

  it('derives the keys of its example', () => {
    expect(said('key of `purpose:reader`')).toBe(reader.toString('hex'));
    expect(said('reader key of `acme/`')).toBe(folder.toString('hex'));
    expect(said('key of `acme/klavi`')).toBe(leaf.toString('hex'));
  });

  it('opens the payload of its example, by the page alone and by our codec', async () => {
    const data = Buffer.from(said('`data`, in base64'), 'base64');
    const decipher = createDecipheriv('aes-256-gcm', leaf, data.subarray(0, 12))
      .setAAD(Buffer.from(`evertoken payload\nreader\n${WORKFLOW_ID}`))
      .setAuthTag(data.subarray(-16));
    const inner = Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]);
    const payload = proto.temporal.api.common.v1.Payload.decode(inner);
    expect(Buffer.from(payload.data).toString()).toBe(said('inner payload, as JSON'));

    const keyRing = KeyRing.parse(`example:${OWNER_KEY.toString('base64')}`);
    const metadata = {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from('example'),
      'evertoken-purpose': Buffer.from('reader'),
      'evertoken-workflow-id': Buffer.from(WORKFLOW_ID),
    };
    const codec = new EncryptionCodec({ keyRing, allowPlaintext: false });
    const [opened] = await codec.decode([{ metadata, data }]);
    expect(defaultPayloadConverter.fromPayload(opened ?? {})).toEqual({ unusableGeneration: 7 });
  });

  it('proves the other keys of a ring as the page says', async () => {
    const other = Buffer.alloc(32, 9);
    const keyRing = KeyRing.parse(
      `new:${OWNER_KEY.toString('base64')},old:${other.toString('base64')}`,
    );
    const codec = new EncryptionCodec({ keyRing, allowPlaintext: false });
    const context = { type: 'workflow', namespace: 'n', workflowId: WORKFLOW_ID } as const;
    const [sealed] = await codec.encode(
      [defaultPayloadConverter.toPayload({ unusableGeneration: 7 })],
      context,
    );
    const scope = ['proof:reader', 'key:new', 'folder:acme'].reduce(step, other);
    const [readerKey] = keyRing.readerKeys('acme/');
    expect(readerKey).toBe(`new:acme/:${folder.toString('base64')}:${scope.toString('base64')}`);
    const proof = createHmac('sha256', step(scope, 'id:klavi'))
      .update(sealed?.data ?? new Uint8Array())
      .digest();
    expect(Buffer.from(sealed?.metadata?.['evertoken-key-proofs'] ?? [])).toEqual(
      proof.subarray(0, 16),
    );
  });
});
