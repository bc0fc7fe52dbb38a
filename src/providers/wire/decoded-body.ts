import { promisify } from 'node:util';
import { brotliDecompress, constants, inflateRaw, unzip } from 'node:zlib';
import { ANSWER_MAX_BYTES } from '../../policy/attempt-numbers.js';

/** A body whose text is larger than is read. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

type Decode = (body: Buffer) => Promise<Buffer>;

// What came of a cut body is decoded too: its text may be whole.
const flush = { maxOutputLength: ANSWER_MAX_BYTES, finishFlush: constants.Z_SYNC_FLUSH };
const unzipped: Decode = (body) => promisify(unzip)(body, flush);
const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['gzip', unzipped],
  ['x-gzip', unzipped],
  // Some servers leave the zlib wrapper away (RFC 9110, section 8.4.1.2).
  ['deflate', (body) => unzipped(body).catch(orElse(() => promisify(inflateRaw)(body, flush)))],
  [
    'br',
    (body) =>
      promisify(brotliDecompress)(body, {
        maxOutputLength: ANSWER_MAX_BYTES,
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
      }),
  ],
]);

/**
 * The body without its content coding. None was asked for, but a server that compresses all the same may have rotated a token
 * in it. A body that is not what its header says is handed over as it is.
 * @throws BodyTooLargeError where it is more than `ANSWER_MAX_BYTES`, of which no more is made
 */
export async function decodedBody(body: Buffer, coding: string | undefined): Promise<Buffer> {
  const decode = DECODERS.get(coding?.trim().toLowerCase() ?? '');
  if (decode === undefined || body.length === 0) return body;
  return decode(body).catch(orElse(() => Promise.resolve(body)));
}

function orElse(other: () => Promise<Buffer>): (error: unknown) => Promise<Buffer> {
  return (error) => {
    const isTooLarge =
      error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge || error instanceof BodyTooLargeError) throw new BodyTooLargeError();
    return other();
  };
}
