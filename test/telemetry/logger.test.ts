import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { UnopenedEntryError } from '../../src/journal/port.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createTemporalLogger } from '../../src/telemetry/temporal-logger.js';

const CANARY = 'CANARY';

/** Collects log lines as they would be printed. */
class Lines {
  readonly written: string[] = [];
  write(line: string): void {
    this.written.push(line);
  }
  get text(): string {
    return this.written.join('');
  }
  get parsed(): Record<string, unknown>[] {
    return this.written.map((line) => {
      const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT/);
      return rest;
    });
  }
}

function rig() {
  const lines = new Lines();
  const logger = createLogger({ logLevel: 'trace' }, lines);
  return { lines, logger, temporal: createTemporalLogger(logger) };
}

/** A failure that carries the marker everywhere a failure can. */
function leakyFailure(): ActivityFailure {
  const library = Object.assign(new Error(`answer was ${CANARY}`), {
    cause: { access_token: CANARY },
    body: CANARY,
    code: CANARY,
    name: CANARY,
  });
  const failure = ApplicationFailure.create({
    message: `refused: ${CANARY}`,
    type: 'PermanentRefreshError',
    details: [{ code: 'invalid_grant', action: CANARY, provider: 'tavio' }, CANARY],
    cause: library,
  });
  return new ActivityFailure(
    CANARY,
    'refreshToken',
    '7',
    RetryState.NON_RETRYABLE_FAILURE,
    CANARY,
    failure,
  );
}

describe('createTemporalLogger', () => {
  it('keeps type and code of nested failures and nothing of what they say', () => {
    const { lines, temporal } = rig();

    temporal.warn('Activity failed', {
      error: leakyFailure(),
      workflowId: 'credential:acme/tavio',
      attempt: 3,
      taskToken: CANARY,
      [Symbol.for('stamp')]: CANARY,
    });

    expect(lines.parsed).toEqual([
      {
        level: 'warn',
        msg: 'Activity failed',
        workflowId: 'credential:acme/tavio',
        attempt: 3,
        failureType: 'PermanentRefreshError',
        failureCode: 'invalid_grant',
      },
    ]);
  });

  it('hands over every level', () => {
    const { lines, temporal } = rig();
    for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) {
      temporal[level]('Worker state changed', { state: 'RUNNING' });
    }
    temporal.log('INFO', 'without fields');
    expect(lines.parsed.map(({ level }) => level)).toEqual([
      'trace',
      'debug',
      'info',
      'warn',
      'error',
      'info',
    ]);
  });
});

describe('createLogger', () => {
  it('never prints the marker, whatever it is given', () => {
    const { lines, logger } = rig();
    const error = leakyFailure();
    const foreign = Object.assign(new TypeError(CANARY), { code: CANARY, cause: error });

    logger.error('failed', { error });
    logger.error('failed', { err: foreign });
    logger.error('failed', { error: CANARY });
    logger.error('failed', { error: { message: CANARY, stack: CANARY, type: CANARY } });
    logger.warn('failed', { nested: { token: CANARY }, provider: { name: CANARY } });
    logger.info('refused %s', { 0: CANARY, accessToken: CANARY });

    expect(lines.written).toHaveLength(6);
    expect(lines.text).not.toContain(CANARY);
  });

  it('tells a foreign error by its class and the code of the operating system', () => {
    const { lines, logger } = rig();
    logger.error('connection failed', {
      error: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
    });
    logger.error('connection failed', {
      error: Object.assign(new RangeError('x'), { code: 'OTHER' }),
    });
    expect(lines.parsed).toEqual([
      {
        level: 'error',
        msg: 'connection failed',
        failureType: 'Error',
        failureCode: 'ECONNREFUSED',
      },
      { level: 'error', msg: 'connection failed', failureType: 'RangeError' },
    ]);
  });

  it('prints facts of known keys and drops all others', () => {
    const { lines, logger } = rig();
    logger.info('token refreshed', {
      provider: 'klavi',
      generation: 4,
      attempt: 2,
      scope: 'all',
    });
    expect(lines.parsed).toEqual([
      { level: 'info', msg: 'token refreshed', provider: 'klavi', generation: 4, attempt: 2 },
    ]);
  });

  it('says all of why a journal entry does not open, whatever the ids in it', () => {
    const { lines, logger } = rig();
    const journalError = new UnopenedEntryError('c'.repeat(200), 'k'.repeat(128)).message;
    logger.warn('refresh journal cannot be used', { journalError });
    expect(lines.parsed).toEqual([
      { level: 'warn', msg: 'refresh journal cannot be used', journalError },
    ]);
  });

  it('prints the beginning of a value that is too long, such as an id that others chose', () => {
    const { lines, logger } = rig();
    logger.warn('Workflow failed', { workflowId: `of-others-${'x'.repeat(100_000)}` });
    const [line] = lines.parsed;
    expect(line?.['workflowId']).toMatch(/^of-others-x{502}…$/);
  });

  it('does not fall for a cause that leads back to itself', () => {
    const { lines, logger } = rig();
    const ring: { cause?: unknown } = {};
    ring.cause = ring;
    logger.error('failed', { error: ring });
    expect(lines.parsed).toEqual([{ level: 'error', msg: 'failed', failureType: 'object' }]);
  });

  it('is silent below its level', () => {
    const lines = new Lines();
    createLogger({ logLevel: 'warn' }, lines).info('token refreshed');
    expect(lines.written).toEqual([]);
  });
});
