import type { Logger as TemporalLogger } from '@temporalio/common';
import type { Logger } from './logger.js';

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/**
 * Hands the log lines of Temporal's SDK to ours. The SDK attaches whole errors, with decoded messages, details
 * and stack traces; our logger keeps their type and code.
 */
export function createTemporalLogger(logger: Logger): TemporalLogger {
  return { ...logger, log: (level, message, meta) => logger[LEVELS[level]](message, meta) };
}
