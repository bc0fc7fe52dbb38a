import { describe, expect, it } from 'vitest';
import { exitCodeOfFindings, findingLine } from '../../../src/cli/doctor/finding.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import type { ExaminedKeeper } from '../../../src/cli/doctor/running-trouble.js';
import { keeperTrouble } from '../../../src/cli/doctor/keeper-trouble.js';
import { overdue } from '../../../src/cli/doctor/running-trouble.js';
import { suspects } from '../../../src/cli/doctor/suspects.js';
import type { Declaration } from '../../../src/cli/doctor/trouble.js';
import { FAILURE_TYPES } from '../../../src/contract/failures.js';
import type { FailureSummary, FailureType } from '../../../src/contract/failures.js';
import type { KeeperInspection } from '../../../src/keepers/inspection.js';
import type { KeeperRun } from '../../../src/keepers/runs.js';
import { INSPECT_ALL_MAX } from '../../../src/cli/doctor/numbers.js';
import { operatorAction } from '../../../src/policy/operator-action.js';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;
const NAMED: Declaration = { isNamed: true, file: 'my creds.yaml' };
const UNNAMED: Declaration = { isNamed: false };

function running(more: Partial<KeeperInspection> = {}): KeeperInspection {
  const expiresAtMs = NOW_MS + 10 * MINUTE_MS;
  return { execution: 'RUNNING', provider: 'klavi', status: 'fresh', expiresAtMs, ...more };
}

function failure(type: FailureType, code: string): FailureSummary {
  const action = operatorAction({ type, code }, 'a');
  return { type, code, provider: 'klavi', atMs: NOW_MS, action };
}

function trouble(keeper: ExaminedKeeper | undefined, declared = NAMED) {
  return keeperTrouble('a', keeper, declared, NOW_MS);
}

describe('the command of a finding', () => {
  it.each(['journal_undecipherable', 'other_journal'])(
    'is none where it would give up what may still be found, as for %s; the words name it with its condition',
    (code) => {
      const lastFailure = failure('JournalUnavailableError', code);
      const found = trouble(running({ refresh: { attempt: 2, lastFailure } }));
      expect(found?.problem).toBe('retrying');
      expect(found?.repair).toBeUndefined();
      expect(found?.text).toContain('where that is lost');
      expect(found?.text).toMatch(/run: evertoken (forget|journal move) a /);
    },
  );

  it.each(FAILURE_TYPES.flatMap((type) => [true, false].map((isNamed) => ({ type, isNamed }))))(
    'loses no material for any failure: $type, named by a file: $isNamed',
    ({ type, isNamed }) => {
      const lastFailure = failure(type, 'any');
      const declared = isNamed ? NAMED : UNNAMED;
      const keepers = [
        running({ refresh: { attempt: 2, lastFailure } }),
        running({ refresh: { attempt: 2, lastFailure }, expiresAtMs: NOW_MS - 1 }),
        { execution: 'FAILED', endedAtMs: NOW_MS, failure: lastFailure } as const,
      ];
      for (const keeper of keepers) {
        expect(trouble(keeper, declared)?.repair ?? '').not.toMatch(
          /forget|journal move|terminate|--return-to-earlier-login|--prune/,
        );
      }
    },
  );
});

describe('a keeper that runs', () => {
  it('is well while it sleeps', () => {
    expect(trouble(running())).toBeUndefined();
  });

  it('is well while its first attempt is under way, or a worker has only now been given its task', () => {
    const task = { attempt: 1, scheduledAtMs: NOW_MS - 1_000, isStarted: false };
    expect(trouble(running({ task, refresh: { attempt: 1 } }))).toBeUndefined();
  });

  it.each([
    [2, undefined],
    [3, 'task-failing'],
  ])('whose workflow task is at attempt %i has the trouble %s', (attempt, problem) => {
    const task = { attempt, scheduledAtMs: NOW_MS, isStarted: true };
    expect(trouble(running({ task }))?.problem).toBe(problem);
  });

  it.each([
    ['NON_DETERMINISTIC_ERROR', true],
    ['WORKFLOW_WORKER_UNHANDLED_FAILURE', false],
  ])(
    'whose workflow task fails with %s is told of a restored database: %s',
    (failedCause, isTold) => {
      const task = { attempt: 3, scheduledAtMs: NOW_MS, isStarted: true, failedCause };
      expect(trouble(running({ task }))?.text.includes('docs/disaster-recovery.md')).toBe(isTold);
    },
  );

  it.each<[string, Partial<KeeperInspection>, string]>([
    [
      'evertoken',
      { task: { attempt: 1, scheduledAtMs: NOW_MS - 3 * MINUTE_MS, isStarted: false } },
      '',
    ],
    [
      'evertoken.klavi.acme',
      { wait: { taskQueue: 'evertoken.klavi.acme', sinceMs: NOW_MS - 3 * MINUTE_MS } },
      '; only workers whose EVERTOKEN_RATE_LIMITS names klavi/acme serve it',
    ],
  ])(
    'that waits for minutes on task queue %s has no worker, which exits with 5',
    (queue, more, servedBy) => {
      const found = trouble(running(more));
      expect(found).toEqual({
        level: 'fail',
        problem: 'no-worker',
        text: `a waits for a worker on task queue ${queue} for 3m, token expires in 10m${servedBy}`,
        repair: 'evertoken worker',
      });
      expect(exitCodeOfFindings([{ check: 'credentials', ...found } as Finding])).toBe(5);
    },
  );

  it('that waits for minutes although workers serve the task queue is told so: a refresh as a warning, its own task as a failure', () => {
    const wait = { taskQueue: 'evertoken.klavi.acme', sinceMs: NOW_MS - 3 * MINUTE_MS };
    const found = trouble({ ...running({ wait }), isQueueServed: true });
    expect(found).toEqual({
      level: 'warn',
      problem: 'waiting',
      text: 'a waits on task queue evertoken.klavi.acme for 3m: its workers are busy, or a rate limit holds them, token expires in 10m',
    });
    const task = { attempt: 1, scheduledAtMs: NOW_MS - 3 * MINUTE_MS, isStarted: false };
    expect(trouble({ ...running({ task }), isQueueServed: true })).toEqual({
      level: 'fail',
      problem: 'waiting',
      text: 'a waits on task queue evertoken for 3m: its workers are busy, or none of them has the current version (docs/upgrading.md), token expires in 10m',
    });
    const expired = running({ wait, expiresAtMs: NOW_MS - MINUTE_MS });
    expect(trouble({ ...expired, isQueueServed: true })).toEqual({
      level: 'fail',
      problem: 'expired',
      text: 'a expired 1m ago; it waits on task queue evertoken.klavi.acme: its workers are busy, or a rate limit holds them',
    });
  });

  it.each([
    [8, 'TransientRefreshError', 'http_503', 'warn'],
    [9, 'TransientRefreshError', 'http_503', 'fail'],
    [1, 'WorkerMisconfiguredError', 'missing_secret', 'fail'],
    [1, 'JournalUnavailableError', 'intent_not_written', 'fail'],
  ] as const)('at attempt %i after a %s of code %s is a %s', (attempt, type, code, level) => {
    const refresh = { attempt, lastFailure: failure(type, code) };
    const found = trouble(running({ refresh }));
    expect(found).toMatchObject({ level, problem: 'retrying' });
    expect(found?.text).toContain(`attempt ${attempt} [code=${code}], token expires in 10m: `);
  });

  it('whose token expired fails, with what its last attempt says', () => {
    const refresh = { attempt: 20, lastFailure: failure('TransientRefreshError', 'not_connected') };
    expect(trouble(running({ expiresAtMs: NOW_MS - MINUTE_MS, refresh }))).toMatchObject({
      level: 'fail',
      problem: 'expired',
      text: expect.stringMatching(/^a expired 1m ago; attempt 20 \[code=not_connected\]/) as string,
    });
  });

  it('whose client is rejected is repaired by applying the file', () => {
    expect(trouble(running({ status: 'client-rejected' }))).toMatchObject({
      level: 'fail',
      problem: 'client-rejected',
      repair: 'evertoken apply -f "my creds.yaml"',
    });
  });

  it.each([
    [30_000, undefined],
    [90_000, 'overdue'],
  ])(
    'that has not begun a refresh %i ms after it was due has the trouble %s',
    (lateMs, problem) => {
      const status = {
        id: 'a',
        provider: 'klavi',
        status: 'fresh',
        generation: 1,
        epoch: 1,
        nextRefreshAtMs: NOW_MS - lateMs,
        refreshing: false,
        awaitsRefresh: false,
        forcePending: false,
        failureStreak: 0,
      } as const;
      expect(overdue(status, NOW_MS)?.problem).toBe(problem);
      expect(overdue({ ...status, refreshing: true }, NOW_MS)).toBeUndefined();
    },
  );
});

describe('a keeper that ended', () => {
  it.each([
    ['COMPLETED', 'fail', undefined],
    ['CANCELLED', 'fail', undefined],
    ['TERMINATED', 'fail', 'warn'],
    ['TIMED_OUT', 'fail', 'warn'],
    ['FAILED', 'fail', 'fail'],
  ] as const)('as %s is a %s if a file names it, else %s', (execution, named, unnamed) => {
    const keeper = { execution, endedAtMs: NOW_MS - MINUTE_MS };
    expect(trouble(keeper)?.level).toBe(named);
    expect(trouble(keeper, UNNAMED)?.level).toBe(unnamed);
  });
});

describe('the choice of keepers to inspect', () => {
  const fresh = (id: string, expiresInMs = 60 * MINUTE_MS): KeeperRun => ({
    id,
    execution: 'RUNNING',
    status: 'fresh',
    expiresAtMs: NOW_MS + expiresInMs,
    hasReportedProblems: false,
  });
  const ids = (runs: readonly KeeperRun[], leadMs?: number) => {
    const credentials = leadMs === undefined ? [] : [{ id: 'odd', provider: 'klavi', leadMs }];
    return suspects(runs, { path: 'f', credentials }, NOW_MS).map(({ id }) => id);
  };
  const thousands = Array.from({ length: INSPECT_ALL_MAX }, (_, index) => fresh(`well/${index}`));

  it('is all of a few', () => {
    expect(ids([fresh('odd')])).toEqual(['odd']);
  });

  it.each<[string, KeeperRun, number?]>([
    ['is about to expire', fresh('odd', 4 * MINUTE_MS)],
    ['is within the lead that its file asks for', fresh('odd'), 90 * MINUTE_MS],
    ['is not fresh', { ...fresh('odd'), status: 'retrying' }],
    ['has problems that the server reports', { ...fresh('odd'), hasReportedProblems: true }],
    ['shows no status', { id: 'odd', execution: 'RUNNING', hasReportedProblems: false }],
  ])('of many is what %s', (_what, odd, leadMs) => {
    expect(ids([...thousands, fresh('odd')])).toEqual([]);
    expect(ids([...thousands, odd], leadMs)).toEqual(['odd']);
  });
});

it('a finding is one line that ends with the command that repairs it', () => {
  const finding = {
    level: 'fail',
    check: 'worker',
    text: 'none',
    repair: 'evertoken worker',
  } as const;
  expect(findingLine(finding)).toBe('fail  worker            none; run: evertoken worker');
});
