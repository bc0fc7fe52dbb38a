import { expect, it, vi } from 'vitest';
import { applyCredentials } from '../../../src/cli/apply/apply-credentials.js';
import type { CredentialStatus } from '../../../src/client/keeper-port.js';
import { spec } from '../../support/keeper-fixture.js';

const WAIT = { timeout: 60_000 };

const SERVED: Omit<CredentialStatus, 'id'> = {
  provider: 'klavi',
  status: 'fresh',
  generation: 1,
  epoch: 0,
  refreshing: false,
  awaitsRefresh: false,
  forcePending: false,
  failureStreak: 0,
  expiresAtMs: 3_600_000,
};

/** Keepers of which one is applied only when the test lets it. */
class HeldFleet {
  readonly outcomes: string[] = [];
  release: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => (this.release = resolve));

  readonly reader = {
    status: (id: string): Promise<CredentialStatus> => Promise.resolve({ id, ...SERVED }),
  };

  readonly keepers = {
    known: () =>
      Promise.resolve(
        new Map([
          ['unchanged', { is: 'unchanged', status: { id: 'unchanged', ...SERVED } }],
        ] as const),
      ),
    apply: async ({ id }: { readonly id: string }) => {
      if (id === 'held') await this.#released;
      if (id === 'refused') return { outcome: 'refused', reason: 'spent' } as const;
      return { outcome: 'started' } as const;
    },
  };

  async apply(ids: readonly string[], wait: boolean): Promise<readonly string[]> {
    const results = await applyCredentials(
      this,
      ids.map((id) => spec({ id })),
      { wait, onResult: ({ id, outcome }) => this.outcomes.push(`${id}: ${outcome}`) },
    );
    return results.map(({ id }) => id);
  }
}

it.each([
  ['waiting for tokens', true],
  ['without waiting', false],
])('%s, apply tells each outcome while others are still being applied', async (_how, wait) => {
  const fleet = new HeldFleet();
  const ids = ['held', 'new', 'refused', 'unchanged'];
  const applying = fleet.apply(ids, wait);
  await vi.waitFor(() => {
    expect(fleet.outcomes.toSorted()).toEqual([
      'new: started',
      'refused: failed',
      'unchanged: unchanged',
    ]);
  }, WAIT);
  fleet.release();
  expect(await applying).toEqual(ids);
  expect(fleet.outcomes.at(-1)).toBe('held: started');
});

it('apply waits no more for tokens once it is told to end', async () => {
  const { expiresAtMs: _none, ...waiting } = { ...SERVED, awaitsRefresh: true };
  const ends = new AbortController();
  const keepers = {
    known: async () => new Map(),
    apply: async () => ({ outcome: 'started' }) as const,
  };
  const reader = {
    status: async (id: string): Promise<CredentialStatus> => {
      ends.abort();
      return { id, ...waiting };
    },
  };
  const outcomes: string[] = [];
  await applyCredentials({ keepers, reader }, [spec({ id: 'a' })], {
    signal: ends.signal,
    onResult: ({ outcome }) => outcomes.push(outcome),
  });
  expect(outcomes).toEqual(['failed']);
}, 30_000);
