import { request as httpRequest, type ClientRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TcpSocketConnectOpts } from 'node:net';
import { ADDRESS_CONNECT_MS, HEADERS_MAX_BYTES } from '../../policy/attempt-numbers.js';
import type { WireAnswer, WireRequest } from '../port.js';
import { WireError, type WireErrorCode } from '../wire-error.js';
import { countElapsed } from './elapsed.js';
import { ReceivedAnswer } from './received-answer.js';
import { sharedLookup } from './shared-lookup.js';

/**
 * Sends one request on a connection of its own and reads the whole answer. It does not retry, follows no redirect, and keeps
 * no connection for a next request, since the server may be closing it. `fetch` will not do: it sends again after a 421
 * (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch), and so could spend a token twice. Rejects only with a
 * `WireError`, because a library's error may hold what was sent.
 */
export function exchange(
  url: URL,
  request: WireRequest,
  deadlineMs: number,
  elapsedMs = countElapsed(),
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = openRequest(url, request);
    if (outgoing === undefined) {
      reject(new WireError('not_connected', false));
      return;
    }
    let mayHaveBeenSent = false;
    let received: ReceivedAnswer | undefined;
    const fail = (code: WireErrorCode): void => {
      clearTimeout(deadline);
      const error = new WireError(mayHaveBeenSent ? code : 'not_connected', mayHaveBeenSent);
      const isCut = code === 'connection_lost' || code === 'deadline_exceeded';
      if (!isCut || received === undefined) {
        reject(error);
        outgoing.destroy();
        return;
      }
      const answer = received;
      // What came in one piece with the cause of the failure is handed over only after it.
      setImmediate(() => {
        answer.ifWhole().then(resolve, () => reject(error));
        outgoing.destroy();
      });
    };
    // A process that stood still runs its timers before it reads what came meanwhile. `setImmediate` lets the answer go first.
    const deadline = setTimeout(
      () => setImmediate(fail, 'deadline_exceeded'),
      Math.max(deadlineMs - elapsedMs(), 0),
    );
    outgoing.on('socket', (socket) => {
      // Nothing is written before this event, neither while TCP connects nor during the TLS handshake.
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        // A process that stood still may see the connection only now, and another attempt may have begun since.
        if (elapsedMs() >= deadlineMs) fail('deadline_exceeded');
        else mayHaveBeenSent = true;
      });
    });
    outgoing.on('error', () => fail('connection_lost'));
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy();
      fail('connection_lost');
    });
    outgoing.on('response', (incoming) => {
      const answer = new ReceivedAnswer(incoming);
      received = answer;
      incoming.on('data', (chunk: Buffer) => {
        if (!answer.takes(chunk)) fail('answer_too_large');
      });
      incoming.on('error', () => fail('connection_lost'));
      incoming.on('end', () => {
        clearTimeout(deadline);
        answer.whole().then(resolve, () => fail('answer_too_large'));
      });
    });
    outgoing.end(request.body);
  });
}

/** `undefined` if a header cannot be written at all. Nothing went out then. */
function openRequest(url: URL, request: WireRequest): ClientRequest | undefined {
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const options: RequestOptions & Pick<TcpSocketConnectOpts, 'autoSelectFamilyAttemptTimeout'> = {
    method: request.method,
    headers: { ...request.headers, 'accept-encoding': 'identity' },
    agent: false,
    maxHeaderSize: HEADERS_MAX_BYTES,
    lookup: sharedLookup,
    autoSelectFamilyAttemptTimeout: ADDRESS_CONNECT_MS,
    // A refused answer is a lost token. What strict parsing prevents is a second answer on the connection, and there is none.
    insecureHTTPParser: true,
  };
  try {
    return open(url, options);
  } catch {
    return undefined;
  }
}
