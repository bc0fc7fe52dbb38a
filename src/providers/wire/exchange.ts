import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ANSWER_MAX_BYTES } from '../../policy/attempt-numbers.js';
import type { WireAnswer, WireRequest } from '../port.js';
import { WireError, type WireErrorCode } from '../wire-error.js';

/**
 * Sends one request on a connection of its own and reads the whole answer. No retry, no redirect, no
 * connection kept for a next request that its server may be closing. That is why it is not `fetch`, which
 * sends again after a 421 (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch) and so could spend a
 * token twice. Rejects with a `WireError` and nothing else; a library's error may hold what was sent.
 */
export function exchange(url: URL, request: WireRequest, deadlineMs: number): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = openRequest(url, request);
    if (outgoing === undefined) {
      reject(new WireError('not_connected', false));
      return;
    }
    let mayHaveBeenSent = false;
    const fail = (code: WireErrorCode): void => {
      clearTimeout(deadline);
      reject(new WireError(mayHaveBeenSent ? code : 'not_connected', mayHaveBeenSent));
      outgoing.destroy();
    };
    // A process that stood still runs its timers before it reads what came meanwhile: the answer goes first.
    const deadline = setTimeout(() => setImmediate(fail, 'deadline_exceeded'), deadlineMs);
    outgoing.on('socket', (socket) => {
      // Nothing is written before: neither while TCP connects nor while the TLS handshake runs.
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        mayHaveBeenSent = true;
      });
    });
    outgoing.on('error', () => fail('connection_lost'));
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy();
      fail('connection_lost');
    });
    outgoing.on('response', (incoming) => {
      readText(incoming, fail, (text) => {
        clearTimeout(deadline);
        resolve({ status: incoming.statusCode ?? 0, headers: joinedHeaders(incoming), text });
      });
    });
    outgoing.end(request.body);
  });
}

/** `undefined` where a header cannot be written at all, so that nothing went out. */
function openRequest(url: URL, request: WireRequest): ClientRequest | undefined {
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  try {
    return open(url, {
      method: request.method,
      headers: { ...request.headers, 'accept-encoding': 'identity' },
      agent: false,
    });
  } catch {
    return undefined;
  }
}

function readText(
  incoming: IncomingMessage,
  onFailure: (code: WireErrorCode) => void,
  onText: (text: string) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_MAX_BYTES) onFailure('answer_too_large');
    else chunks.push(chunk);
  });
  incoming.on('error', () => onFailure('connection_lost'));
  incoming.on('end', () => onText(Buffer.concat(chunks).toString('utf8')));
}

function joinedHeaders(incoming: IncomingMessage): Record<string, string> {
  const entries = Object.entries(incoming.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(entries);
}
