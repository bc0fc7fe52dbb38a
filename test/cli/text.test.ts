import { expect, it } from 'vitest';
import { appliedLine } from '../../src/cli/applied-text.js';
import { applyCredentials, exitCodeOfAll } from '../../src/cli/apply-credentials.js';
import { devChanges } from '../../src/cli/dev-view.js';
import { relativeText, spanText } from '../../src/cli/time-text.js';
import { TokenError } from '../../src/client/token-error.js';
import type { CredentialSpec } from '../../src/contract/credential.js';
import type { StatusAnswer } from '../../src/contract/messages.js';

function status(more: Partial<StatusAnswer> = {}): StatusAnswer {
  return {
    id: 'a',
    provider: 'klavi',
    status: 'fresh',
    generation: 1,
    epoch: 1,
    refreshing: false,
    awaitsRefresh: false,
    forcePending: false,
    failureStreak: 0,
    ...more,
  };
}

const spec = (id: string): CredentialSpec => ({
  id,
  provider: 'klavi',
  config: {},
  material: {},
  fingerprints: {},
  timing: {},
  traits: { spentField: 'accessToken', rotates: true },
});

it.each([
  [0, '0s'],
  [999, '0s'],
  [61_000, '1m 1s'],
  [3_600_000, '1h'],
  [90_061_000, '1d 1h'],
])('writes %i ms as %s', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

it('says whether a time is ahead or past', () => {
  expect([relativeText(61_000, 1_000), relativeText(1_000, 61_000)]).toEqual(['in 1m', '1m ago']);
});

it('waits for a token after applying, and tells how long it lives', async () => {
  const expiresAtMs = Date.now() + 3_600_000;
  const answers = [status(), status({ expiresAtMs })];
  const [result] = await applyCredentials(
    {
      keepers: { apply: async () => ({ outcome: 'started' }) },
      reader: { status: async () => answers.shift() ?? status() },
    },
    [spec('a')],
    () => undefined,
  );
  expect(result && appliedLine(result, expiresAtMs - 60_000)).toBe(
    'a: started, token expires in 1m',
  );
  expect(answers).toEqual([]);
});

it('goes on with the other credentials when one fails, and exits with the failures’ common code', async () => {
  const apply = async ({ id }: CredentialSpec) => {
    if (id === 'b') return { outcome: 'refused', reason: 'spent' } as const;
    if (id === 'c') throw new TokenError('UNAVAILABLE', id, 'away');
    return { outcome: 'unchanged' } as const;
  };
  const results = await applyCredentials(
    {
      keepers: { apply },
      reader: { status: async () => status({ expiresAtMs: Date.now() + 60_000 }) },
    },
    ['a', 'b', 'c'].map(spec),
    () => undefined,
  );
  expect(Object.fromEntries(results.map(({ id, outcome }) => [id, outcome]))).toEqual({
    a: 'unchanged',
    b: 'failed',
    c: 'failed',
  });
  expect(exitCodeOfAll(results)).toBe(1);
  expect(exitCodeOfAll(results.filter(({ id }) => id !== 'b'))).toBe(5);
  expect(exitCodeOfAll(results.filter(({ id }) => id === 'a'))).toBe(0);
});

it('logs a credential again only when its generation or status has changed', () => {
  const before = [{ id: 'a', provider: 'klavi', refreshes: 0, answer: status() }];
  expect(devChanges(before, before)).toEqual([]);
  const after = [{ id: 'a', provider: 'klavi', refreshes: 1, answer: status({ generation: 2 }) }];
  expect(devChanges(before, after)).toEqual(['a: fresh, generation 2, refreshes 1']);
});
