import fc from 'fast-check';

/** Keys at which careless code reads a prototype. */
const TREACHEROUS_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
];

/** Numbers that JSON may hold and no field of a provider means. */
const ODD_NUMBERS = [
  '0',
  '-0',
  '-1',
  '0.5',
  '1e999',
  '-1e999',
  '1e-400',
  '1.7e308',
  '9'.repeat(400),
];

/** Deeper than `JSON.stringify` and `structuredClone` bear. */
const TOO_DEEP = 5_000;

const anyCodeUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

/** Any text: control characters, lone surrogates, and often a secret, which an answer may repeat anywhere. */
export function hostileText(secret: string): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: anyCodeUnit, maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('\u0000', '\r', '\n', '\u007f', '\ud800', ' ', 'a') }),
    fc.constantFrom(secret, ` ${secret}\r\n`, `${secret}: refused`, `invalid_grant: ${secret}`),
    fc.constantFrom(...TREACHEROUS_KEYS, 'invalid_grant', 'invalid_client', 'slow_down', '7200'),
  );
}

/** The text of any JSON value, written as no serializer would: duplicate keys, huge numbers, deep nesting. */
export function jsonText(secret: string): fc.Arbitrary<string> {
  const scalar = fc.oneof(
    fc.constantFrom('null', 'true', 'false'),
    fc.constantFrom(...ODD_NUMBERS),
    fc.maxSafeInteger().map(String),
    fc.double().map((value) => JSON.stringify(value)),
    hostileText(secret).map((text) => JSON.stringify(text)),
  );
  const key = fc.oneof(fc.constantFrom(...TREACHEROUS_KEYS, 'a', 'a'), hostileText(secret));
  const member = fc.tuple(key, scalar);
  return fc.oneof(
    { weight: 12, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }).map((all) => `[${all.join()}]`) },
    { weight: 2, arbitrary: fc.array(member, { maxLength: 3 }).map(objectText) },
    { weight: 2, arbitrary: fc.constantFrom(nested('[', ']'), nested('{"a":', '}')) },
  );
}

/** The text of an object; a key may come twice. */
export function objectText(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`;
}

function nested(open: string, close: string): string {
  return `${open.repeat(TOO_DEEP)}0${close.repeat(TOO_DEEP)}`;
}
