import { describe, expect, it } from 'vitest';
import { parseJsonObject } from '../../../src/providers/wire/json.js';

describe('an answer in JSON', () => {
  it('is read behind a byte order mark', () => {
    expect(parseJsonObject('\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  it('counts the last of duplicate keys', () => {
    expect(parseJsonObject('{"a":1,"a":2}')).toEqual({ a: 2 });
  });

  it('survives nesting of any depth', () => {
    const depth = 100_000;
    expect(parseJsonObject('['.repeat(depth) + ']'.repeat(depth))).toBeUndefined();
    expect(() => parseJsonObject(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)).not.toThrow();
  });

  it('does not touch prototypes', () => {
    const read = parseJsonObject('{"__proto__":{"token":"x"}}');
    expect(read?.['token']).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'token')).toBe(false);
  });

  it.each(['', ' ', 'null', '[]', '"text"', '5', '{', '{"a":', '<html>', 'undefined', '{"a":NaN}'])(
    'is no object in %j',
    (text) => {
      expect(parseJsonObject(text)).toBeUndefined();
    },
  );
});
