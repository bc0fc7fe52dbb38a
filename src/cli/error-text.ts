import { CommanderError } from 'commander';
import { TokenError } from '../client/token-error.js';
import { JournalError } from '../journal/port.js';
import { CommandError, ReportedFailure } from './errors.js';
import { exitCodeOf, EXIT_CODES } from './exit-codes.js';

/** Log levels at which errors show where they arose. */
const DEBUG_LEVELS: readonly (string | undefined)[] = ['debug', 'trace'];

/** What a person reads about an error that ends a command; `undefined` if it was reported already. */
export function errorText(error: unknown, env: NodeJS.ProcessEnv): string | undefined {
  if (error instanceof CommanderError || error instanceof ReportedFailure) return undefined;
  return `error: ${errorReason(error, env)}`;
}

/**
 * An error in words for people, to stand within a sentence. The message of an error that is not ours may quote anything, so
 * it is shown only at log level debug or trace.
 */
export function errorReason(error: unknown, env: NodeJS.ProcessEnv): string {
  if (!(error instanceof Error)) return 'unexpected';
  const text = ownText(error);
  if (DEBUG_LEVELS.includes(env['EVERTOKEN_LOG_LEVEL'])) {
    return text === undefined
      ? (error.stack ?? error.message)
      : [text, ...framesOf(error)].join('\n');
  }
  return text ?? `unexpected [name=${error.name}]; EVERTOKEN_LOG_LEVEL=debug shows more`;
}

/** The words of an error that is ours; `undefined` of any other. */
function ownText(error: Error): string | undefined {
  if (error instanceof TokenError) return `${error.code}: ${error.message}`;
  const isOurs =
    error instanceof JournalError ||
    error instanceof CommandError ||
    exitCodeOf(error) !== EXIT_CODES.failed;
  return isOurs ? error.message : undefined;
}

/** The lines of its stack trace below the message. */
function framesOf({ stack = '' }: Error): readonly string[] {
  return stack.split('\n').filter((line) => /^ +at /.test(line));
}
