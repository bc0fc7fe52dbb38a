import { describe, expect, it } from 'vitest';
import { SECRET_MAX_CHARS } from '../../../src/policy/attempt-numbers.js';
import { isSecretText, secretText } from '../../../src/providers/wire/secret-text.js';

describe('the text of a token', () => {
  it.each(['a', 'eyJ.a+b/c=', 'two words', '~!@#$%^&*()', 'x'.repeat(SECRET_MAX_CHARS)])(
    'may be %.20j',
    (text) => {
      expect(isSecretText(text)).toBe(true);
    },
  );

  it.each([
    '',
    ' ',
    ' a',
    'a ',
    'a\n',
    'a\r\nx: b',
    'a\tb',
    'a\u0000b',
    'a\u007f',
    'töken',
    '🔑',
    'x'.repeat(SECRET_MAX_CHARS + 1),
    5,
    null,
    undefined,
    ['a'],
    {},
  ])('may not be %.20j', (value) => {
    expect(isSecretText(value)).toBe(false);
  });

  it('is not repeated in what its schema says of it', () => {
    const refused = secretText.safeParse('CANARY\n');
    expect(refused.error?.message).not.toContain('CANARY');
  });
});
