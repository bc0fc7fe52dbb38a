import type { Client } from '@temporalio/client';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppliedCredential } from '../../../src/cli/apply/applied-credential.js';
import { EXIT_CODES } from '../../../src/cli/exit-codes.js';
import {
  APPLY_UNSERVED_MS,
  APPLY_WAIT_MS,
  CLI_CALL_DEADLINE_MS,
} from '../../../src/cli/numbers.js';
import type { CredentialStatus } from '../../../src/client/keeper-port.js';
import { spec } from '../../support/keeper-fixture.js';

// Fake timers do not reach the promises of Node's own timers, which other files of this process have loaded already.
vi.resetModules();
vi.doMock('node:timers/promises', () => ({
  setTimeout: (ms: number, _value?: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(new Error('aborted'));
      signal?.addEventListener('abort', onAbort);
      globalThis.setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
    }),
}));
const { prune } = await import('../../../src/cli/apply/prune.js');
const { applyCredentials } = await import('../../../src/cli/apply/apply-credentials.js');
const { TokenError } = await import('../../../src/client/token-error.js');
afterAll(() => {
  vi.doUnmock('node:timers/promises');
  vi.resetModules();
});

const specs = Array.from({ length: 1_000 }, (_, index) => spec({ id: `acme/${index}` }));

/** A call that nobody answers. */
function unanswered(id: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new TokenError('UNAVAILABLE', id, 'away')), CLI_CALL_DEADLINE_MS);
  });
}

/** A server that applies so many, and is gone from then on. */
function answeredFirst(count: number) {
  let calls = 0;
  return (id: string) => {
    calls += 1;
    return calls <= count ? Promise.resolve({ outcome: 'started' as const }) : unanswered(id);
  };
}

/** What applying ends in, and how long it took. */
async function applied(apply: (id: string) => Promise<{ readonly outcome: 'started' }>) {
  const results: AppliedCredential[] = [];
  const startedAtMs = performance.now();
  let tookMs = Number.POSITIVE_INFINITY;
  const work = applyCredentials(
    {
      keepers: {
        known: async () => new Map(),
        apply: ({ id }) => apply(id),
      },
      reader: { status: unanswered },
    },
    specs,
    { onResult: (result) => results.push(result) },
  ).then(() => (tookMs = performance.now() - startedAtMs));
  for (let round = 0; round < 60 && tookMs === Number.POSITIVE_INFINITY; round += 1) {
    await vi.advanceTimersByTimeAsync(5_000);
  }
  if (tookMs !== Number.POSITIVE_INFINITY) await work;
  return { results, tookMs };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('apply of a thousand credentials', () => {
  it.each([
    ['after all were applied', async () => ({ outcome: 'started' as const })],
    ['before any was applied', unanswered],
    ['when half of them were applied', answeredFirst(specs.length / 2)],
  ])(
    'gives up a minute after the server went away %s, and says so of each',
    async (_name, apply) => {
      const { results, tookMs } = await applied(apply);
      expect(tookMs).toBeLessThan(APPLY_WAIT_MS + 3 * CLI_CALL_DEADLINE_MS);
      expect(results).toHaveLength(specs.length);
      expect(new Set(results.map(({ id }) => id)).size).toBe(specs.length);
      for (const { outcome, exitCode, reason } of results) {
        expect({ outcome, exitCode }).toEqual({
          outcome: 'failed',
          exitCode: EXIT_CODES.unavailable,
        });
        expect(reason).toMatch(/away|nobody answered|no other could be/);
      }
    },
  );
});

describe('a prune of a thousand keepers', () => {
  it('gives up a minute after the server went away, and says so of each', async () => {
    const results: AppliedCredential[] = [];
    let isOver = false;
    const session = { client: {} as unknown as Client, keepers: { stop: unanswered } };
    const ids = specs.map(({ id }) => id);
    const work = prune(session, ids, (result) => results.push(result)).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(APPLY_WAIT_MS + 2 * CLI_CALL_DEADLINE_MS);
    expect(isOver).toBe(true);
    await work;
    expect(results).toHaveLength(specs.length);
    expect(new Set(results.map(({ exitCode }) => exitCode))).toEqual(
      new Set([EXIT_CODES.unavailable]),
    );
  });
});

describe('apply of a credential that no worker serves', () => {
  /** What is left of the 10 s within which a command says so, after the start of its process. */
  const SAYS_WITHIN_MS = 8_000;

  /** As the server has it of a keeper that no worker has run yet. */
  const UNSERVED: CredentialStatus = {
    id: 'acme/unserved',
    provider: 'klavi',
    status: 'retrying',
    generation: 0,
    epoch: 0,
    forcePending: false,
    failureStreak: 0,
    refreshing: false,
    awaitsRefresh: true,
  };

  it('says so within 10 s, long before it gives up waiting for a token', async () => {
    const results: AppliedCredential[] = [];
    const work = applyCredentials(
      {
        keepers: { known: async () => new Map(), apply: async () => ({ outcome: 'started' }) },
        reader: { status: async () => UNSERVED },
        unserved: async () => 'no worker answers',
      },
      [spec({ id: UNSERVED.id })],
      { onResult: (result) => results.push(result) },
    );
    await vi.advanceTimersByTimeAsync(SAYS_WITHIN_MS);
    expect(results).toMatchObject([
      {
        outcome: 'failed',
        exitCode: EXIT_CODES.unavailable,
        reason: expect.stringContaining('applied, but no worker answers') as unknown,
      },
    ]);
    await work;
  });

  it('says so of a thousand that changed about as soon, since none of their keepers takes what is told', async () => {
    const results: AppliedCredential[] = [];
    const work = applyCredentials(
      {
        keepers: { known: async () => new Map(), apply: ({ id }) => unanswered(id) },
        reader: { status: unanswered },
        unserved: async () => 'no worker answers',
      },
      specs,
      { onResult: (result) => results.push(result) },
    );
    await vi.advanceTimersByTimeAsync(APPLY_UNSERVED_MS + CLI_CALL_DEADLINE_MS);
    expect(results).toHaveLength(specs.length);
    expect(new Set(results.map(({ exitCode }) => exitCode))).toEqual(
      new Set([EXIT_CODES.unavailable]),
    );
    const spared = results.filter(({ reason = '' }) => reason.includes('no worker answers'));
    expect(spared.length).toBeGreaterThan(specs.length * 0.9);
    await vi.runAllTimersAsync();
    await work;
  });

  it('starts those that are new all the same, since Temporal does so alone', async () => {
    const results: AppliedCredential[] = [];
    const [added = spec(), ...changed] = specs.slice(0, 50);
    const work = applyCredentials(
      {
        keepers: {
          known: async () => new Map([[added.id, { is: 'new' }]]),
          apply: ({ id }) =>
            id === added.id ? Promise.resolve({ outcome: 'started' }) : unanswered(id),
        },
        reader: { status: async (id) => ({ ...UNSERVED, id }) },
        unserved: async () => 'no worker answers',
      },
      [...changed, added],
      { onResult: (result) => results.push(result) },
    );
    await vi.runAllTimersAsync();
    await work;
    const isApplied = ({ reason = '' }: AppliedCredential): boolean =>
      reason.includes('applied, but no worker answers');
    expect(results).toHaveLength(changed.length + 1);
    expect(results.filter(isApplied).map(({ id }) => id)).toEqual([added.id]);
  });
});
