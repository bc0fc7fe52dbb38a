import { InvalidArgumentError } from 'commander';
import { CREDENTIAL_ID_PATTERN } from '../contract/names.js';
import { DURATION_FORM, parseDuration } from '../credentials/duration.js';

/** Reads a duration of the command line, in milliseconds. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError(`It must be ${DURATION_FORM}.`);
  return ms;
}

export function idArgument(text: string): string {
  if (!CREDENTIAL_ID_PATTERN.test(text)) {
    throw new InvalidArgumentError(
      'A credential id begins with a-z or 0-9 and goes on with a-z 0-9 . _ / -.',
    );
  }
  return text;
}
