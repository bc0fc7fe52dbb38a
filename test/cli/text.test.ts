import { describe, expect, it } from 'vitest';
import { appliedLine } from '../../src/cli/apply/applied-text.js';
import { applyCredentials, exitCodeOfAll } from '../../src/cli/apply/apply-credentials.js';
import { progressLine } from '../../src/cli/apply/progress.js';
import { devChanges } from '../../src/cli/dev/view.js';
import { usageLine } from '../../src/cli/journal/key-usages.js';
import { table } from '../../src/cli/output.js';
import { planRow } from '../../src/cli/plan-text.js';
import { statusJson, statusLines } from '../../src/cli/status-text.js';
import { relativeText, spanText } from '../../src/cli/time-text.js';
import { TokenError } from '../../src/client/token-error.js';
import type { CredentialSpec } from '../../src/contract/credential.js';
import type { StatusAnswer } from '../../src/contract/messages.js';
import { fleetPlan } from '../../src/policy/fleet-plan.js';

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

it('makes a table of 200,000 rows, each column as wide as its widest cell', () => {
  const rows = Array.from({ length: 200_000 }, (_, index) => [`acme/${index}`, 'klavi']);
  const lines = table(['CREDENTIAL', 'PROVIDER'], rows).split('\n');
  expect(lines.slice(0, 2)).toEqual(['CREDENTIAL   PROVIDER', 'acme/0       klavi']);
  expect(lines.at(-1)).toBe('acme/199999  klavi');
});

it('writes every time of a failure as RFC 3339 in JSON', () => {
  const lastFailure = {
    type: 'ClientRejectedError',
    provider: 'klavi',
    code: 'invalid_client',
    action: 'repair it',
    atMs: 0,
    doubtSinceMs: 1_000,
    clientRejectedAtMs: 2_000,
    replacedAtMs: 3_000,
  } as const;
  expect(statusJson(status({ lastFailure }))).toMatchObject({
    lastFailure: {
      at: '1970-01-01T00:00:00.000Z',
      doubtSince: '1970-01-01T00:00:01.000Z',
      clientRejectedAt: '1970-01-01T00:00:02.000Z',
      replacedAt: '1970-01-01T00:00:03.000Z',
    },
  });
});

it('shows of a status in which journal the keeper’s refreshes are recorded, once the keeper knows', () => {
  const journalId = '6f0c1d2e-9b1f-4a57-8c55-0f3f5f6a7b1d';
  const line = `journal:       ${journalId}`;
  expect(statusLines(status({ journalId }), 0)).toContain(line);
  expect(statusLines(status(), 0).join('\n')).not.toContain('journal');
});

it('says whether a time is ahead or past', () => {
  expect([relativeText(61_000, 1_000), relativeText(1_000, 61_000)]).toEqual(['in 1m', '1m ago']);
});

it('waits for a token after applying, and tells how long it lives', async () => {
  const expiresAtMs = Date.now() + 3_600_000;
  const answers = [status(), status({ expiresAtMs })];
  const [result] = await applyCredentials(
    {
      keepers: { apply: async () => ({ outcome: 'started' }), known: async () => new Map() },
      reader: { status: async () => answers.shift() ?? status() },
    },
    [spec('a')],
    { onResult: () => undefined },
  );
  expect(result && appliedLine(result, expiresAtMs - 60_000)).toBe(
    'a: started, token expires in 1m',
  );
  expect(answers).toEqual([]);
});

it('calls an old file failed that the keeper took for a new one at first, although the keeper goes on', async () => {
  const lastFailure = {
    type: 'ApplyRefusedError',
    provider: 'klavi',
    code: 'login_replaced',
    atMs: 0,
    action: 'apply the file with the later login',
  } as const;
  const answer = status({ expiresAtMs: Date.now() + 60_000, lastFailure });
  const outcomes = ['reauthorized', 'unchanged'] as const;
  const results = await applyCredentials(
    {
      keepers: {
        known: async () => new Map(),
        apply: async ({ id }) => ({ outcome: outcomes[Number(id)] ?? 'unchanged' }),
      },
      reader: { status: async () => answer },
    },
    ['0', '1'].map(spec),
    { onResult: () => undefined },
  );
  expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'unchanged']);
  expect(results[0]?.reason).toContain('apply the file with the later login');
});

it('goes on with the other credentials when one fails, and exits with the failures’ common code', async () => {
  const apply = async ({ id }: CredentialSpec) => {
    if (id === 'b') return { outcome: 'refused', reason: 'spent' } as const;
    if (id === 'c') throw new TokenError('UNAVAILABLE', id, 'away');
    return { outcome: 'unchanged' } as const;
  };
  const results = await applyCredentials(
    {
      keepers: { apply, known: async () => new Map() },
      reader: { status: async () => status({ expiresAtMs: Date.now() + 60_000 }) },
    },
    ['a', 'b', 'c'].map(spec),
    { onResult: () => undefined },
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

it('asks no keeper of a credential that Temporal shows to be unchanged, and waits for none where nobody wants that', async () => {
  const applied: string[] = [];
  const known = { is: 'unchanged', status: status({ expiresAtMs: 60_000 }) } as const;
  const results = await applyCredentials(
    {
      keepers: {
        known: async () => new Map([['a', known]]),
        apply: async ({ id }) => {
          applied.push(id);
          return { outcome: 'started' };
        },
      },
      reader: {
        status: async () => {
          throw new Error('nobody waits');
        },
      },
    },
    ['a', 'b'].map(spec),
    { wait: false, onResult: () => undefined },
  );
  expect(applied).toEqual(['b']);
  expect(results.map(({ id, outcome }) => [id, outcome])).toEqual([
    ['a', 'unchanged'],
    ['b', 'started'],
  ]);
});

it.each([
  [{ total: 10, done: 0, failed: 0, elapsedMs: 500 }, '0 of 10 done, 0 failed, 10 waiting'],
  [
    { total: 1_000, done: 412, failed: 3, elapsedMs: 6_800 },
    '412 of 1000 done, 3 failed, 585 waiting, 61/s, 9s left',
  ],
])('says how far %j is', (facts, line) => {
  expect(progressLine(facts)).toBe(line);
});

it.each([
  [1, '0.0000233'],
  [10, '0.000233'],
  [1_000_000, '23.3'],
  [1_000_000_000, '23,300'],
])('plans the refreshes of %i credentials with three digits that count', (credentials, figure) => {
  const row = planRow(fleetPlan({ credentials, lifetimeMs: 12 * 3_600_000 }));
  expect(row[1]).toBe(figure);
});

it('logs a credential again only when its generation or status has changed', () => {
  const before = [{ id: 'a', provider: 'klavi', refreshes: 0, answer: status() }];
  expect(devChanges(before, before)).toEqual([]);
  const after = [{ id: 'a', provider: 'klavi', refreshes: 1, answer: status({ generation: 2 }) }];
  expect(devChanges(before, after)).toEqual(['a: fresh, generation 2, refreshes 1']);
});

describe('a line about a key', () => {
  const unneeded = { keyId: 'k1', isInRing: true, keepers: [], journalEntries: [] };

  it('says that nothing needs it', () => {
    expect(usageLine({ ...unneeded, otherJournals: [] })).toBe('k1: not needed any more');
  });

  it('does not say so while keepers use journals that were not looked into', () => {
    expect(usageLine({ ...unneeded, otherJournals: ['j2'] })).toBe(
      'k1: not needed here; keepers use other journals, too, so look there [journals=j2]',
    );
  });

  it('asks for no key of journal entries that name none', () => {
    const entries = { isInRing: false, keepers: [], journalEntries: ['a'], otherJournals: [] };
    expect(usageLine(entries)).toBe('no key (plain text or damaged): 1 journal entries (a)');
  });
});
