import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCredentialsDocument } from '../../src/credentials/credentials-document.js';
import { plainJson } from '../../src/credentials/plain-json.js';

describe('a credentials file in JSON', () => {
  it('is read as it is written, whatever its names and texts hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(plainJson(text)).toEqual({ value: JSON.parse(text) as unknown });
      }),
    );
  });

  it.each([
    ['a name that comes twice', '{"a": 1, "a": 2}'],
    ['a name that comes twice deep inside', '{"b": [{"a": ": \\"", "a" : 2}]}'],
    ['a name that comes twice in two spellings', '{"a": 1, "\\u0061": 2}'],
    ['YAML', 'a: 1'],
    ['a JSON text that is cut off', '{"a": 1'],
  ])('is left to the YAML parser where there is %s', (_what, text) => {
    expect(plainJson(text)).toBeUndefined();
  });

  it('is refused with its line where a name comes twice', () => {
    const text = '{\n  "credentials": [],\n  "credentials": []\n}';
    expect(() => parseCredentialsDocument(text, 'f.json')).toThrow(/f\.json:3: .*duplicate key/);
  });

  it('knows the line of each value', () => {
    const document = parseCredentialsDocument('{\n  "credentials": [\n    {"id": 1}\n  ]\n}', 'f');
    expect(document.content).toEqual({ credentials: [{ id: 1 }] });
    expect(document.lineOf(['credentials', 0, 'id'])).toBe(3);
  });
});
