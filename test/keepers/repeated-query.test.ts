import { QueryNotRegisteredError, ServiceError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { repeatedQuery } from '../../src/keepers/repeated-query.js';
import { QUERY_FAILURES_REPEATED } from '../../src/keepers/numbers.js';

/** Codes of gRPC. */
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;

const failed = (): Error =>
  Reflect.construct(QueryNotRegisteredError, ['Encoded failure', INVALID_ARGUMENT]) as Error;
const refused = (): Error =>
  new ServiceError('too many', {
    cause: Object.assign(new Error('8'), {
      code: RESOURCE_EXHAUSTED,
      details: 'too many',
      metadata: {},
    }),
  });

describe('a query', () => {
  it('that failed on its worker in a bad moment is asked again', async () => {
    const asked = answers([failed(), 'fresh']);
    expect(await repeatedQuery(asked.ask, { forMs: 5_000 })).toBe('fresh');
  });

  it('that keeps failing is given up, since its worker is unfit', async () => {
    const asked = answers(Array.from({ length: 20 }, failed));
    await expect(repeatedQuery(asked.ask, { forMs: 60_000 })).rejects.toThrow('Encoded failure');
    expect(asked.count()).toBe(QUERY_FAILURES_REPEATED + 1);
  });

  it('that the server cannot take is asked until the deadline', async () => {
    const asked = answers(Array.from({ length: 50 }, refused));
    await expect(repeatedQuery(asked.ask, { forMs: 500 })).rejects.toThrow('too many');
    expect(asked.count()).toBeGreaterThan(1);
  });

  it('that met an error of another kind is not repeated, unless the caller says so', async () => {
    const asked = answers([new Error('lost'), 'fresh']);
    await expect(repeatedQuery(asked.ask, { forMs: 5_000 })).rejects.toThrow('lost');
    const again = answers([new Error('lost'), 'fresh']);
    const patience = { forMs: 5_000, isWorthRepeating: () => true };
    expect(await repeatedQuery(again.ask, patience)).toBe('fresh');
  });
});

function answers(outcomes: readonly (Error | string)[]): {
  readonly ask: () => Promise<string>;
  readonly count: () => number;
} {
  let count = 0;
  return {
    count: () => count,
    ask: () => {
      const outcome = outcomes[count++] ?? new Error('asked too often');
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
  };
}
