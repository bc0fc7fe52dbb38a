import { pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Level } from 'pino';
import { LogStream } from './log-stream.js';
import { shownFields } from './shown-fields.js';

/**
 * Writes log lines. Each has a constant message, and facts in fields with keys of `LOG_KEYS`. evertoken uses no more of pino
 * than this, because pino's other ways to log would print the text of errors.
 */
export type Logger = Readonly<
  Record<
    'trace' | 'debug' | 'info' | 'warn' | 'error',
    (message: string, facts?: Readonly<Record<string, unknown>>) => void
  >
>;

/** Standard output: `process.stdout` would make its caller wait, and fail the process where nothing can be written. */
const STDOUT_FD = 1;

/**
 * The process's logger. It writes JSON lines to standard output, or to the given stream, and only what `shownFields` lets
 * through.
 */
export function createLogger(
  { logLevel }: { readonly logLevel: Level },
  stream: DestinationStream = new LogStream(STDOUT_FD),
): Logger {
  const lines = pino(
    {
      level: logLevel,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return {
    trace: (message, facts = {}) => lines.trace(shownFields(facts), message),
    debug: (message, facts = {}) => lines.debug(shownFields(facts), message),
    info: (message, facts = {}) => lines.info(shownFields(facts), message),
    warn: (message, facts = {}) => lines.warn(shownFields(facts), message),
    error: (message, facts = {}) => lines.error(shownFields(facts), message),
  };
}
