import { describe, expect, it } from 'vitest';
import type { AppliedCredential, Kept } from '../../../src/cli/apply/applied-credential.js';
import { Patience } from '../../../src/cli/apply/patience.js';
import { waitForAll } from '../../../src/cli/apply/wait-for-all.js';
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
    await waitForAll(fleet, waiting, (result) => results.push(result));
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
    await waitForAll({ status: async () => status }, waiting, (result) => results.push(result));
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

/** Is over after one look. */
class BriefPatience extends Patience {
  #asked = 0;

  override isOver(): boolean {
    this.#asked += 1;
    return this.#asked > 1;
  }
}
