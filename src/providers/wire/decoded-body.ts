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

/** A server and two proxies in front of it, each of which compresses. More only cost time. */
const CODINGS_MAX = 3;

/**
 * The body without its content codings, of which the last was applied last (RFC 9110, section 8.4). evertoken asks for none,
 * but a server may compress all the same, and the body may hold a rotated token. Where the body is not coded as its header
 * says, it is taken as it is: two proxies may both name the coding that one applied.
 * @throws BodyTooLargeError if it is more than `ANSWER_MAX_BYTES`; decoding stops there
 */
export async function decodedBody(body: Buffer, codings = ''): Promise<Buffer> {
  let decoded = body;
  for (const coding of codings.split(',').slice(-CODINGS_MAX).reverse()) {
    const coded = decoded;
    const decode = DECODERS.get(coding.trim().toLowerCase());
    if (decode === undefined || coded.length === 0) continue;
    decoded = await decode(coded).catch(orElse(() => Promise.resolve(coded)));
  }
  return decoded;
}

function orElse(other: () => Promise<Buffer>): (error: unknown) => Promise<Buffer> {
  return (error) => {
    const isTooLarge =
      error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge || error instanceof BodyTooLargeError) throw new BodyTooLargeError();
    return other();
  };
}
