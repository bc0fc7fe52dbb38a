import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AppliedCredential } from '../../../src/cli/apply/applied-credential.js';
import { applyCredentials } from '../../../src/cli/apply/apply-credentials.js';
import { prune } from '../../../src/cli/apply/prune.js';
import { EXIT_CODES } from '../../../src/cli/exit-codes.js';
import { APPLY_WAIT_MS } from '../../../src/cli/numbers.js';
import { TokenError } from '../../../src/client/token-error.js';
import { QUERIES_AT_ONCE } from '../../../src/keepers/numbers.js';
import { spec } from '../../support/keeper-fixture.js';

/** How long it takes to learn that a keeper cannot run: the call's deadline, and a look at why. */
const STUCK_MS = 8_000;
/** With so many of them one after the other, nothing succeeds for longer than patience lasts. */
const STUCK = (APPLY_WAIT_MS / STUCK_MS) * QUERIES_AT_ONCE + QUERIES_AT_ONCE;
const HEALTHY = 100;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const specs = Array.from({ length: STUCK + HEALTHY }, (_, index) => spec({ id: `acme/${index}` }));

/** The file begins with the stuck ones. */
function isHealthy({ id }: { readonly id: string }): boolean {
  return Number(id.replace('acme/', '')) >= STUCK;
}

function stuck(id: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    const error = new TokenError('UNAVAILABLE', id, 'the keeper cannot run');
    setTimeout(() => reject(error), STUCK_MS);
  });
}

/** Results of applying, with workers and a server that are well. */
async function applied(those: typeof specs): Promise<readonly AppliedCredential[]> {
  const results: AppliedCredential[] = [];
  const work = applyCredentials(
    {
      keepers: {
        known: async () => new Map(),
        apply: (one) => (isHealthy(one) ? Promise.resolve({ outcome: 'updated' }) : stuck(one.id)),
      },
      reader: { status: stuck },
      unserved: async () => undefined,
    },
    those,
    { wait: false, onResult: (result) => results.push(result) },
  );
  await vi.advanceTimersByTimeAsync(3 * APPLY_WAIT_MS);
  await work;
  return results;
}

it('apply reaches the healthy keepers behind so many stuck ones that its patience would be over', async () => {
  const results = await applied(specs);
  expect(results).toHaveLength(specs.length);
  const healthy = results.filter(isHealthy);
  expect(healthy.map(({ exitCode }) => exitCode)).toEqual(Array(HEALTHY).fill(EXIT_CODES.done));
});

it('apply gives up after a minute where none but stuck keepers are left, and does not say that nobody answers', async () => {
  const results = await applied(specs.slice(0, STUCK));
  const given = results.filter(({ reason = '' }) => !reason.includes('the keeper cannot run'));
  expect(given.length).toBeGreaterThan(0);
  for (const { reason } of given) {
    expect(reason).toContain('not applied: no other could be for a minute; apply again');
  }
});

it('a prune reaches the healthy keepers behind so many stuck ones, too', async () => {
  const results: AppliedCredential[] = [];
  const stop = (id: string): Promise<'stopping'> =>
    isHealthy({ id }) ? Promise.resolve('stopping') : stuck(id);
  const ids = specs.map(({ id }) => id);
  const work = prune({ client: {} as never, keepers: { stop } }, ids, (one) => results.push(one));
  await vi.advanceTimersByTimeAsync(3 * APPLY_WAIT_MS);
  await work;
  const outcomes = results.filter(isHealthy).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(Array(HEALTHY).fill('stopping'));
});
