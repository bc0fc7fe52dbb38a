import { describe, expect, it } from 'vitest';
import { createMarker, formsFound } from '../support/marker.js';

const marker = createMarker();

describe('the search for a marker', () => {
  it.each([
    ['plain', (text: string) => text],
    ['URL encoding', encodeURIComponent],
    ['hex', (text: string) => Buffer.from(text).toString('hex')],
    ['upper case hex', (text: string) => Buffer.from(text).toString('hex').toUpperCase()],
    ['base64', (text: string) => Buffer.from(text).toString('base64')],
    ['base64url', (text: string) => Buffer.from(text).toString('base64url')],
    ['base64 of base64url', (text: string) => twice(text)],
  ])('finds it in %s, whatever stands before and after it', (_, encode) => {
    for (let before = 0; before < 12; before += 1) {
      for (let after = 0; after < 12; after += 1) {
        const text = encode(`${'?'.repeat(before)}${marker}${'~'.repeat(after)}`);
        expect(formsFound(marker, Buffer.from(`… ${text} …`))).not.toEqual([]);
      }
    }
  });

  it('finds no marker where there is another one', () => {
    for (const encoding of ['utf8', 'hex', 'base64'] as const) {
      const other = Buffer.from(createMarker()).toString(encoding);
      expect(formsFound(marker, Buffer.from(other))).toEqual([]);
    }
  });
});

function twice(text: string): string {
  return Buffer.from(Buffer.from(text).toString('base64url')).toString('base64');
}
