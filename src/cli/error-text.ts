import { CommanderError } from 'commander';
import { TokenError } from '../client/token-error.js';
import { JournalError } from '../journal/port.js';
import { CommandError, ReportedFailure } from './errors.js';
import { exitCodeOf, EXIT_CODES } from './exit-codes.js';

/**
 * What a person reads about an error; `undefined` if it was reported already. The message of an error that is not ours may
 * quote anything, so it is shown only at log level debug.
 */
export function errorText(error: unknown, env: NodeJS.ProcessEnv): string | undefined {
  if (error instanceof CommanderError || error instanceof ReportedFailure) return undefined;
  if (!(error instanceof Error)) return 'error: unexpected';
  if (env['EVERTOKEN_LOG_LEVEL'] === 'debug') return `error: ${error.stack ?? error.message}`;
  if (error instanceof TokenError) return `error: ${error.code}: ${error.message}`;
  if (error instanceof JournalError) return `error: ${error.message}`;
  if (error instanceof CommandError || exitCodeOf(error) !== EXIT_CODES.failed) {
    return `error: ${error.message}`;
  }
  return `error: unexpected [name=${error.name}]; EVERTOKEN_LOG_LEVEL=debug shows more`;
}
