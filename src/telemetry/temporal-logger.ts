import type { LogMetadata, Logger as TemporalLogger } from '@temporalio/common';
import type { Logger } from './logger.js';

type Write = (message: string, meta?: LogMetadata) => void;

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/**
 * What the SDK says about a worker that runs only workflows or only activities. All of ours do so on purpose: keepers run on
 * one queue, and activities on others.
 */
const ONE_HALF = /^No (workflows|activities|Nexus services) registered, not polling for/;

/** Where the SDK goes on with what it was told: an error's own text, or a status of the server with its headers. */
const QUOTED = /(?:: | \w+[({]|["{]).*$/s;

/**
 * Hands the log lines of Temporal's SDK to our logger. The SDK attaches whole errors, with decoded messages, details and stack
 * traces. Our logger keeps only their type and code. Some lines quote an error in the message itself; that part is left out.
 */
export function createTemporalLogger(logger: Logger): TemporalLogger {
  const told =
    (level: (typeof LEVELS)[keyof typeof LEVELS]): Write =>
    (message, meta) => {
      if (!ONE_HALF.test(message)) logger[level](message.replace(QUOTED, ''), meta);
    };
  return {
    log: (level, message, meta) => {
      told(LEVELS[level])(message, meta);
    },
    trace: told('trace'),
    debug: told('debug'),
    info: told('info'),
    warn: told('warn'),
    error: told('error'),
  };
}
