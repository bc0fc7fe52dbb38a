import { promisify } from 'node:util';
import { brotliDecompress, constants, inflateRaw, unzip } from 'node:zlib';
import { ANSWER_MAX_BYTES } from '../../policy/attempt-numbers.js';

/** The text of a body is larger than `ANSWER_MAX_BYTES`. */
class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

type Decode = (body: Buffer) => Promise<Buffer>;

// A body that was cut is decoded as far as it came, since its text may be whole.
const flush = { maxOutputLength: ANSWER_MAX_BYTES, finishFlush: constants.Z_SYNC_FLUSH };
const unzipped: Decode = (body) => promisify(unzip)(body, flush);
const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['gzip', unzipped],
  ['x-gzip', unzipped],
  // Some servers leave out the zlib wrapper (RFC 9110, section 8.4.1.2).
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
 * The body without its content coding. evertoken asks for no coding, but a server may compress all the same, and the body
 * may hold a rotated token. If the body is not coded as its header says, it is returned as it is.
 * @throws BodyTooLargeError if it is more than `ANSWER_MAX_BYTES`; decoding stops there
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
