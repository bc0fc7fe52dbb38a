import fc from 'fast-check';

/** What a server writes, piece by piece, and what it then does with the connection. */
export interface RawAnswer {
  readonly chunks: readonly Buffer[];
  readonly end: 'close' | 'reset' | 'stay open';
}

/** Bytes that are, nearly are, or by no means are an HTTP answer. */
export function rawAnswer(): fc.Arbitrary<RawAnswer> {
  const pieces = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(head(), body()) },
    { weight: 1, arbitrary: fc.tuple(head(), body(), head(), body()) },
    { weight: 1, arbitrary: fc.array(anyBytes(), { maxLength: 3 }) },
  );
  const end = fc.oneof(
    { weight: 15, arbitrary: fc.constant('close' as const) },
    { weight: 4, arbitrary: fc.constant('reset' as const) },
    { weight: 1, arbitrary: fc.constant('stay open' as const) },
  );
  return fc.record({ chunks: pieces, end });
}

function head(): fc.Arbitrary<Buffer> {
  const version = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0') },
    { weight: 1, arbitrary: fc.constantFrom('HTTP/2', 'HTTP/9.9', 'http/1.1', 'SSH-2.0', '') },
  );
  const status = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 100, max: 599 }).map(String) },
    { weight: 1, arbitrary: fc.constantFrom('0', '000', '99', '999', '1000', '2e2', '-1', 'OK') },
  );
  const headers = fc.array(header(), { maxLength: 5 });
  const lineEnd = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r');
  const finish = fc.constantFrom('both', 'both', 'both', 'none');
  return fc
    .tuple(version, status, fc.string(), headers, lineEnd, finish)
    .map(([name, code, reason, lines, ending, finished]) => {
      const all = [`${name} ${code} ${reason}`, ...lines];
      return Buffer.from(all.join(ending) + (finished === 'both' ? ending + ending : ''), 'latin1');
    });
}

function header(): fc.Arbitrary<string> {
  const framing = fc.constantFrom(
    'content-length: 5',
    'content-length: 50',
    'content-length: 99999999999999999999',
    'content-length: -1',
    'content-length: 5, 6',
    'transfer-encoding: chunked',
    'transfer-encoding: gzip, chunked',
    'transfer-encoding: identity',
    'content-encoding: gzip',
    'connection: keep-alive',
    'connection: upgrade',
    'upgrade: websocket',
    'trailer: x',
  );
  const known = fc.constantFrom('retry-after', 'date', 'set-cookie', '__proto__', 'constructor');
  const name = fc.oneof(known, fc.string({ maxLength: 8 }));
  const value = fc.oneof(fc.string(), fc.constantFrom('\u0000', 'é', 'y'.repeat(20_000)));
  return fc.oneof(
    { weight: 3, arbitrary: framing },
    { weight: 2, arbitrary: fc.tuple(name, value).map((pair) => pair.join(': ')) },
    { weight: 1, arbitrary: fc.constantFrom(' folded', 'no colon', ': no name', 'a : b') },
  );
}

function body(): fc.Arbitrary<Buffer> {
  const chunked = fc
    .tuple(fc.constantFrom('5', '0', 'a', 'ffffffffffffffffff', '-1', 'x', '5;ext=1'), anyBytes())
    .map(([size, bytes]) => Buffer.concat([Buffer.from(`${size}\r\n`), bytes]));
  const whole = fc.constantFrom(
    'hello',
    '{"access_token":"a"}',
    '5\r\nhello\r\n0\r\n\r\n',
    '5\r\nhello\r\n0\r\nx: y\r\n\r\n',
    '5\r\nhello\r\n',
    '\u001f\u008b\u0008',
  );
  return fc.oneof(
    whole.map((text) => Buffer.from(text, 'latin1')),
    chunked,
    anyBytes(),
    fc.constant(Buffer.alloc(0)),
  );
}

function anyBytes(): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
}
