import type { IncomingMessage } from 'node:http';
import { ANSWER_MAX_BYTES } from '../../policy/attempt-numbers.js';
import type { WireAnswer } from '../port.js';
import { decodedBody } from './decoded-body.js';
import { parseJsonObject } from './json.js';

export class ReceivedAnswer {
  readonly #incoming: IncomingMessage;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  /** Adds a chunk; false if the answer gets too large. */
  takes(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > ANSWER_MAX_BYTES) return false;
    this.#chunks.push(chunk);
    return true;
  }

  /** The answer once all of it has come. Rejects with a `BodyTooLargeError`. */
  async whole(): Promise<WireAnswer> {
    const headers = joinedHeaders(this.#incoming);
    const body = await decodedBody(Buffer.concat(this.#chunks), headers['content-encoding']);
    return { status: this.#incoming.statusCode ?? 0, headers, text: body.toString('utf8') };
  }

  /**
   * An answer that was cut but lacks nothing. A JSON object shows where it ends, and many proxies cut the connection before
   * the last, empty chunk. Rejects for any other answer that was cut.
   */
  async ifWhole(): Promise<WireAnswer> {
    const answer = await this.whole();
    if (parseJsonObject(answer.text) === undefined) throw new Error('the answer was cut');
    return answer;
  }
}

function joinedHeaders(incoming: IncomingMessage): Record<string, string> {
  const entries = Object.entries(incoming.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(entries);
}
