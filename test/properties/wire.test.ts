import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WireError } from '../../src/providers/wire-error.js';
import { createSend } from '../../src/providers/wire/send.js';
import { createMarker, formsFound } from '../support/marker.js';
import { RawServer } from '../support/raw-server.js';
import { holds, PROPERTY_TIMEOUT_MS } from './cases.js';
import { rawAnswer, type RawAnswer } from './raw-answers.js';

const SECRET = createMarker();
/** A deadline that no answer of a server on this machine needs. */
const send = createSend({ deadlineMs: 10_000 });
/** A deadline for answers that may never end. */
const sendBriefly = createSend({ deadlineMs: 30 });

let server: RawServer;
let answer: RawAnswer;
/** Tells the request of a case from one that was given up before. */
let sent = 0;
beforeAll(async () => {
  server = await RawServer.start((socket) => {
    for (const chunk of answer.chunks) socket.write(chunk);
    if (answer.end === 'reset') socket.resetAndDestroy();
    else if (answer.end === 'close') socket.end();
  });
});
afterAll(() => server.close());

describe('any bytes that a server answers with', () => {
  it(
    'become one answer or one wire error of one request, and tell nothing of what was sent',
    () =>
      holds(
        fc.asyncProperty(rawAnswer(), async (given) => {
          answer = given;
          server.requests.length = 0;
          const path = `/refresh/${(sent += 1)}`;
          const sendInTime = given.end === 'stay open' ? sendBriefly : send;
          const outcome: unknown = await sendInTime({
            method: 'POST',
            url: `${new URL(path, server.url).href}?token=${SECRET}`,
            headers: { authorization: `Bearer ${SECRET}` },
            body: SECRET,
          }).catch((error: unknown) => error);

          const requests = server.requests.filter((text) => text.startsWith(`POST ${path}?`));
          expect(requests.length).toBeLessThanOrEqual(1);
          expect(formsFound(SECRET, Buffer.from(inspect(outcome, { depth: null })))).toEqual([]);
          if (outcome instanceof WireError) {
            expect(outcome.mayHaveBeenSent || given.end === 'stay open').toBe(true);
            expect(given.end === 'stay open' || outcome.code === 'connection_lost').toBe(true);
          } else {
            expectWireAnswer(outcome);
          }
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'are handed over as they are where they keep to HTTP, however they are cut into pieces',
    () =>
      holds(
        fc.asyncProperty(
          ...[fc.integer({ min: 200, max: 599 }), fc.string(), fc.string(), fc.boolean()],
          async (status, first, second, inChunks) => {
            fc.pre(status !== 204 && status !== 304);
            answer = wellFormed(
              status,
              [first, second].map((text) => Buffer.from(text)),
              inChunks,
            );
            const read = await send({ method: 'POST', url: server.url, headers: {}, body: 'x' });
            expect(read).toMatchObject({ status, text: first + second });
            expect(read.headers).toMatchObject({ 'retry-after': '7' });
          },
        ),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

function expectWireAnswer(outcome: unknown): void {
  const { status, headers, text } = outcome as Record<string, unknown>;
  expect(Number.isInteger(status)).toBe(true);
  expect(typeof text).toBe('string');
  for (const [name, value] of Object.entries(headers as object)) {
    expect(name).toBe(name.toLowerCase());
    expect(typeof value).toBe('string');
  }
}

/** An answer by RFC 9112, with its length or in chunks. */
function wellFormed(status: number, parts: readonly Buffer[], inChunks: boolean): RawAnswer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const framing = inChunks ? 'transfer-encoding: chunked' : `content-length: ${length}`;
  const head = `HTTP/1.1 ${status} Any Reason\r\nRetry-After: 7\r\n${framing}\r\n\r\n`;
  const body = inChunks
    ? parts
        .filter((part) => part.length > 0)
        .map((part) => Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, CRLF]))
    : parts;
  const last = inChunks ? [Buffer.from('0\r\n\r\n')] : [];
  return { chunks: [Buffer.from(head), ...body, ...last], end: 'close' };
}

const CRLF = Buffer.from('\r\n');
