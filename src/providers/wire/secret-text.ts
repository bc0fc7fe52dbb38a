import { z } from 'zod';
import { SECRET_MAX_CHARS } from '../../policy/attempt-numbers.js';

/** No space at either end, because a header field would lose it. */
const VISIBLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * Schema of a token, in material and in answers: printable ASCII (RFC 6749, appendix A), 1 to
 * `SECRET_MAX_CHARS` characters. A line break in a token would end the header that carries it.
 */
export const secretText = z
  .string()
  .min(1)
  .max(SECRET_MAX_CHARS)
  .regex(VISIBLE, 'must be printable ASCII without spaces at its ends');

/** Whether a value of an answer can be used as a token. */
export function isSecretText(value: unknown): value is string {
  return secretText.safeParse(value).success;
}

/** A text of an answer without white space around it, such as a line break from the end of a file. */
export function trimmedText<Value>(value: Value): Value | string {
  return typeof value === 'string' ? value.trim() : value;
}

/** Material of an answer as the server meant it: trimmed, and a number as text. */
export function meantSecret(value: unknown): unknown {
  return Number.isSafeInteger(value) ? String(value) : trimmedText(value);
}
