import fc from 'fast-check';
import type { Json } from '../../src/contract/credential.js';
import type { WireAnswer } from '../../src/providers/port.js';
import { FORM_CONTENT_TYPE } from '../../src/providers/wire/form.js';
import type { DocumentedBody, DocumentedProvider } from './documented-bodies.js';
import { hostileText, jsonText, objectText } from './hostile-json.js';

/** Any answer that a provider, a gateway before it, or an attacker may send. */
export function hostileAnswer(
  { granted, refused }: DocumentedProvider,
  secret: string,
): fc.Arbitrary<WireAnswer> {
  const status = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(200, 201) },
    { weight: 2, arbitrary: fc.constantFrom(400, 401, 403, 404, 429, 500) },
    { weight: 2, arbitrary: fc.integer({ min: 100, max: 599 }) },
  );
  const anyJson = jsonText(secret);
  const text = fc.oneof(
    { weight: 6, arbitrary: damaged(granted, anyJson, secret) },
    { weight: 3, arbitrary: damaged(refused, anyJson, secret) },
    { weight: 1, arbitrary: anyJson },
    { weight: 1, arbitrary: cutShort(damaged(granted, anyJson, secret)) },
    { weight: 1, arbitrary: formOf(granted, secret) },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', `<p>502 ${secret}</p>`, '\uFEFF', '{}{}') },
    { weight: 1, arbitrary: hostileText(secret) },
  );
  return fc.record({ status, headers: headers(secret), text });
}

/** A documented body of which fields are missing, doubled or of any other value. */
function damaged(
  body: DocumentedBody,
  anyJson: fc.Arbitrary<string>,
  secret: string,
): fc.Arbitrary<string> {
  const fields = Object.entries(body).map(([key, value]) =>
    fc.oneof(
      { weight: 12, arbitrary: fc.constant([[key, JSON.stringify(value)] as const]) },
      { weight: 4, arbitrary: fc.oneof(anyJson, jwt(secret)).map((odd) => [[key, odd] as const]) },
      { weight: 1, arbitrary: fc.constant([]) },
    ),
  );
  const more = fc.array(fc.tuple(hostileText(secret), anyJson), { maxLength: 2 });
  const doubled = fc.array(fc.tuple(fc.constantFrom(...Object.keys(body)), anyJson), {
    maxLength: 1,
  });
  return fc
    .tuple(more, doubled, fc.tuple(...fields))
    .map(([first, second, rest]) => objectText([...first, ...second, ...rest.flat()]));
}

/** A token that says of its own times what no provider would. */
function jwt(secret: string): fc.Arbitrary<string> {
  const time = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(2e9, 1e300, '7', null, -1));
  return fc.record({ iat: time, exp: time }).map((times) => {
    const claims: Json = { ...times, sub: secret };
    return JSON.stringify([{ alg: 'none' }, claims, 0].map(inBase64Url).join('.'));
  });
}

function inBase64Url(part: Json): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function cutShort(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(text, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([whole, share]) => whole.slice(0, Math.floor(whole.length * share)));
}

/** A body in form encoding, in which every character takes one to three bytes. */
function formOf(body: DocumentedBody, secret: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...Object.keys(body)), hostileText(secret))
    .map(([damagedKey, text]) => {
      const fields = new URLSearchParams();
      for (const [key, value] of Object.entries(body)) {
        fields.append(key, key === damagedKey ? text : String(value));
      }
      return fields.toString();
    });
}

function headers(secret: string): fc.Arbitrary<Record<string, string>> {
  const wait = fc.oneof(
    hostileText(secret),
    fc.integer({ min: -5, max: 5_000 }).map(String),
    fc.constantFrom('9'.repeat(10), '9'.repeat(400), '1e3', 'Fri, 99 Nov 2026 08:50:07 GMT'),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  const type = fc.constantFrom('application/json', 'text/html', FORM_CONTENT_TYPE, secret);
  const named = fc.record(
    { 'retry-after': wait, date: wait, 'content-type': type, location: hostileText(secret) },
    { requiredKeys: [] },
  );
  const odd = fc.dictionary(hostileText(secret), hostileText(secret), { maxKeys: 2 });
  return fc.tuple(odd, named).map(([surplus, known]) => ({ ...surplus, ...known }));
}
