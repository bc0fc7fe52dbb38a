import { describe, expect, it } from 'vitest';
import type { AppliedCredential, Kept } from '../../../src/cli/apply/applied-credential.js';
import { Patience } from '../../../src/cli/apply/patience.js';
import { waitForAll } from '../../../src/cli/apply/wait-for-all.js';
import { APPLY_UNSERVED_MS } from '../../../src/cli/numbers.js';
import type { CredentialStatus } from '../../../src/client/keeper-port.js';

const FLEET = 400;

const TOKENS_PER_SECOND = 100;

/** A fleet of which one keeper after another gets its token. */
class SlowFleet {
  looks = 0;
  readonly #startedAtMs = performance.now();
  readonly #order: ReadonlyMap<string, number>;

  constructor(ids: readonly string[]) {
    this.#order = new Map(ids.map((id, index) => [id, index]));
  }

  readonly status = (id: string): Promise<CredentialStatus> => {
    this.looks += 1;
    const served = ((performance.now() - this.#startedAtMs) * TOKENS_PER_SECOND) / 1_000;
    const isServed = (this.#order.get(id) ?? 0) < served;
    return Promise.resolve({
      id,
      provider: 'klavi',
      status: 'fresh',
      generation: isServed ? 1 : 0,
      epoch: 0,
      forcePending: false,
      failureStreak: 0,
      refreshing: !isServed,
      awaitsRefresh: !isServed,
      ...(isServed ? { expiresAtMs: Date.now() + 3_600_000 } : {}),
    });
  };
}

describe('waiting for the tokens of many', () => {
  it.each([
    ['in the order of the file', (ids: readonly string[]) => ids],
    ['in the reverse order', (ids: readonly string[]) => ids.toReversed()],
  ])('takes hardly more than a look each, where they come %s', async (_name, order) => {
    const ids = Array.from({ length: FLEET }, (_, index) => `acme/${index}`);
    const fleet = new SlowFleet(order(ids));
    const kept = new Map<string, Kept>(ids.map((id) => [id, 'started']));
    const results: AppliedCredential[] = [];
    const waiting = { kept, applied: AbortSignal.abort(), patience: new Patience() };
    await waitForAll({ reader: fleet }, waiting, (result) => results.push(result));
    expect(new Set(results.map(({ id }) => id)).size).toBe(FLEET);
    expect(results.every(({ exitCode }) => exitCode === 0)).toBe(true);
    expect(fleet.looks).toBeLessThan(2 * FLEET);
  });

  it('says of a refresh that no worker takes in which task queue it waits', async () => {
    const unserved: CredentialStatus = {
      ...(await new SlowFleet([]).status('acme/a')),
      generation: 0,
      refreshing: true,
      awaitsRefresh: true,
      waitsForWorker: { taskQueue: 'evertoken.klavi.acme', sinceMs: 0 },
    };
    const { expiresAtMs: _expires, ...status } = unserved;
    const results: AppliedCredential[] = [];
    const kept = new Map<string, Kept>([['acme/a', 'started']]);
    const waiting = { kept, applied: AbortSignal.abort(), patience: new BriefPatience() };
    const reader = { status: async () => status };
    await waitForAll({ reader }, waiting, (result) => results.push(result));
    expect(results).toMatchObject([
      {
        outcome: 'failed',
        reason: expect.stringContaining(
          'kept, but no token came yet; its refresh waits on task queue evertoken.klavi.acme',
        ) as unknown,
      },
    ]);
  });
});

describe('a credential that was applied', () => {
  /** What becomes of a keeper that shows this. */
  async function resultOf(outcome: Kept, shown: Partial<CredentialStatus>) {
    const status = { ...(await new SlowFleet(['acme/a']).status('acme/a')), ...shown };
    const results: AppliedCredential[] = [];
    const kept = new Map<string, Kept>([['acme/a', outcome]]);
    const waiting = { kept, applied: AbortSignal.abort(), patience: new BriefPatience() };
    const reader = { status: async () => status };
    await waitForAll({ reader }, waiting, (result) => results.push(result));
    return results.map(({ outcome: became, exitCode }) => [became, exitCode]);
  }

  const rejected = {
    type: 'ClientRejectedError',
    provider: 'oauth2',
    code: 'invalid_client',
  } as const;
  const lastFailure = { ...rejected, atMs: 0, action: 'repair it' };

  it.each<Kept>(['unchanged', 'updated'])(
    'has failed if its client is still rejected and its token has expired, though it is %s',
    async (outcome) => {
      const shown = { status: 'client-rejected', lastFailure } as const;
      const [dead, alive] = [Date.now() - 60_000, Date.now() + 60_000];
      expect(await resultOf(outcome, { ...shown, expiresAtMs: dead })).toEqual([['failed', 1]]);
      expect(await resultOf(outcome, { ...shown, expiresAtMs: alive })).toEqual([[outcome, 0]]);
    },
  );

  it.each([
    ['behind', 600_000],
    ['ahead', -600_000],
  ])(
    'is judged between two attempts of its rejected client where the clock here is ten minutes %s',
    async (_where, offMs) => {
      const serverMs = Date.now() + offMs;
      const shown = {
        status: 'client-rejected',
        lastFailure: { ...rejected, atMs: serverMs - 1_000, action: 'repair it' },
        nextRefreshAtMs: serverMs + 59_000,
      } as const;
      const [dead, alive] = [serverMs - 2_000, serverMs + 60_000];
      expect(await resultOf('unchanged', { ...shown, expiresAtMs: dead })).toEqual([['failed', 1]]);
      expect(await resultOf('unchanged', { ...shown, expiresAtMs: alive })).toEqual([
        ['unchanged', 0],
      ]);
    },
  );

  it('has failed if somebody stopped its keeper meanwhile, also while its last token lives', async () => {
    expect(
      await resultOf('started', { status: 'stopped', expiresAtMs: Date.now() + 60_000 }),
    ).toEqual([['failed', 4]]);
  });
});

describe('waiting for tokens while nothing succeeds', () => {
  const NO_WORKER = 'no worker answers; start one with: evertoken worker';
  const QUEUE = 'evertoken.klavi.acme';

  /** Of three, one waits for its keeper, one on a task queue, and one has had its token since before it was looked at. */
  async function results(
    patience: Patience,
    unserved: (taskQueue?: string) => Promise<string | undefined>,
  ) {
    const fleet = new SlowFleet(['acme/served']);
    const waitsForWorker = { taskQueue: QUEUE, sinceMs: 0 };
    const reader = {
      status: async (id: string): Promise<CredentialStatus> => {
        const status = await fleet.status(id);
        if (id === 'acme/served') return status;
        const { expiresAtMs: _expires, ...waiting } = { ...status, awaitsRefresh: true };
        return id === 'acme/queued' ? { ...waiting, waitsForWorker } : waiting;
      },
    };
    const found: AppliedCredential[] = [];
    const ids = ['acme/keeper', 'acme/queued', 'acme/served'];
    const kept = new Map<string, Kept>(ids.map((id) => [id, 'started']));
    const waiting = { kept, applied: AbortSignal.abort(), patience };
    await waitForAll({ reader, unserved }, waiting, (result) => found.push(result));
    return new Map(found.map(({ id, exitCode, reason }) => [id, [exitCode, reason]]));
  }

  it.each([
    ['long before patience ends', () => new IdlePatience()],
    ['when patience ends', () => new BriefPatience()],
  ])(
    'says %s of each without a token that no worker answers, with exit code 5',
    async (_when, patience) => {
      const found = await results(patience(), async () => NO_WORKER);
      expect(found.get('acme/served')).toEqual([0, undefined]);
      for (const id of ['acme/keeper', 'acme/queued']) {
        expect(found.get(id)).toEqual([
          5,
          `UNAVAILABLE: applied, but ${NO_WORKER} [credential=${id}]`,
        ]);
      }
    },
  );

  it('gives up only what waits on a task queue that no worker serves, and asks of each queue once', async () => {
    const asked: (string | undefined)[] = [];
    const found = await results(new BriefPatience(), async (taskQueue) => {
      asked.push(taskQueue);
      return taskQueue === undefined ? undefined : `nobody serves ${taskQueue}`;
    });
    expect(found.get('acme/queued')).toEqual([
      5,
      `UNAVAILABLE: applied, but nobody serves ${QUEUE} [credential=acme/queued]`,
    ]);
    expect(found.get('acme/keeper')?.[0]).toBe(1);
    expect(asked).toEqual([undefined, QUEUE]);
  });

  it.each([
    ['workers are there', async () => undefined],
    ['the server does not tell', async () => Promise.reject(new Error('away'))],
  ])('waits on where %s', async (_what, unserved) => {
    const patience = new IdlePatience(4);
    const found = await results(patience, unserved);
    expect(patience.isOver()).toBe(true);
    expect(found.get('acme/keeper')).toEqual([
      1,
      'NOT_FRESH_IN_TIME: kept, but no token came yet [credential=acme/keeper]',
    ]);
  });
});

/** Nothing has succeeded for long enough to look for workers; is over after so many looks. */
class IdlePatience extends Patience {
  readonly #looks: number;
  #asked = 0;

  constructor(looks = Number.POSITIVE_INFINITY) {
    super();
    this.#looks = looks;
  }

  override isOver(): boolean {
    this.#asked += 1;
    return this.#asked > this.#looks;
  }

  override idleMs(): number {
    return APPLY_UNSERVED_MS;
  }
}

/** Is over after one look. */
class BriefPatience extends Patience {
  #asked = 0;

  override isOver(): boolean {
    this.#asked += 1;
    return this.#asked > 1;
  }
}
