import { InvalidArgumentError } from 'commander';
import { CREDENTIAL_ID_PATTERN } from '../contract/names.js';
import { DURATION_FORM, parseDuration } from '../credentials/duration.js';
import { WAIT_MAX_MS } from './numbers.js';
import { spanText } from './time-text.js';

/** Both kinds of journal make such ids. */
const JOURNAL_ID_PATTERN = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Reads a duration of the command line, in milliseconds. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError(`It must be ${DURATION_FORM}.`);
  return ms;
}

/** As `durationArgument`, for what takes time. */
export function spanArgument(text: string): number {
  const ms = durationArgument(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('It must be longer than nothing.');
}

/** As `spanArgument`, for what a timer waits. */
export function waitArgument(text: string): number {
  const ms = spanArgument(text);
  if (ms > WAIT_MAX_MS)
    throw new InvalidArgumentError(`It must be ${spanText(WAIT_MAX_MS)} or less.`);
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

/** Reads the id of a journal that is there: keepers that were moved to a mistyped one would refresh nothing. */
export function journalArgument(text: string): string {
  if (!JOURNAL_ID_PATTERN.test(text)) {
    throw new InvalidArgumentError('The id of a journal is a UUID; the start of a worker logs it.');
  }
  return text;
}
