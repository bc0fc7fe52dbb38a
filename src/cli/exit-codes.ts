import { CommanderError } from 'commander';
import type { TokenErrorCode } from '../client/token-error.js';
import { TokenError, UnsatisfiableValidityError } from '../client/token-error.js';
import { CredentialsFileError } from '../credentials/credentials-file-error.js';
import { ConfigError } from '../settings/config-error.js';
import { TemporalUnreachableError } from '../temporal/connect-in-time.js';
import { TemporalSettingsError } from '../temporal/settings-error.js';
import { ReportedFailure, UsageError } from './errors.js';

/** Exit codes of the command; `docs/cli.md` explains them to people. */
export const EXIT_CODES = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  permanentlyFailed: 4,
  unavailable: 5,
} as const;

const BY_TOKEN_ERROR: Readonly<Record<TokenErrorCode, number>> = {
  NOT_FOUND: EXIT_CODES.notFound,
  PERMANENTLY_FAILED: EXIT_CODES.permanentlyFailed,
  NOT_FRESH_IN_TIME: EXIT_CODES.failed,
  UNAVAILABLE: EXIT_CODES.unavailable,
  UNDECIPHERABLE: EXIT_CODES.failed,
};

const USAGE_ERRORS = [
  UsageError,
  ConfigError,
  TemporalSettingsError,
  CredentialsFileError,
  UnsatisfiableValidityError,
];

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  // Commander also throws to end after `--help`, with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.usage;
  if (error instanceof ReportedFailure) return error.exitCode;
  if (error instanceof TokenError) return BY_TOKEN_ERROR[error.code];
  if (error instanceof TemporalUnreachableError) return EXIT_CODES.unavailable;
  return USAGE_ERRORS.some((kind) => error instanceof kind) ? EXIT_CODES.usage : EXIT_CODES.failed;
}
