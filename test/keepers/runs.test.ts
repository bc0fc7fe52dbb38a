import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { expect, it } from 'vitest';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { PROVIDER_ATTRIBUTE, STATUS_ATTRIBUTE } from '../../src/contract/search-attributes.js';
import { LIST_PAGE_SIZE } from '../../src/keepers/numbers.js';
import { listKeeperRuns } from '../../src/keepers/runs.js';
import { shownByAttributes } from '../../src/keepers/shown-keeper.js';

const RUNNING = 1;

interface Run {
  readonly id: string;
  readonly startedAtMs: number;
}

/** A visibility store that hands out the newest runs first, and in which one keeper continues as new after the first page. */
class MovingStore {
  #runs: readonly Run[];
  readonly #nowMs: () => number;

  constructor(runs: readonly Run[], nowMs: () => number = Date.now) {
    this.#runs = runs;
    this.#nowMs = nowMs;
  }

  readonly listWorkflowExecutions = async ({
    query,
    nextPageToken,
  }: {
    readonly query: string;
    readonly nextPageToken: Uint8Array;
  }): Promise<object> => {
    const [, since] = /StartTime >= '([^']+)'/.exec(query) ?? [];
    const fromMs = since === undefined ? 0 : Date.parse(since);
    const before = nextPageToken.length === 0 ? Infinity : Number(Buffer.from(nextPageToken));
    const found = this.#runs
      .filter(({ startedAtMs }) => startedAtMs >= fromMs && startedAtMs < before)
      .toSorted((one, other) => other.startedAtMs - one.startedAtMs);
    const page = found.slice(0, LIST_PAGE_SIZE);
    const [oldest] = this.#runs;
    if (before === Infinity && oldest !== undefined) {
      this.#runs = [...this.#runs.slice(1), { ...oldest, startedAtMs: this.#nowMs() }];
    }
    return {
      executions: page.map(({ id, startedAtMs }) => ({
        execution: { workflowId: keeperWorkflowId(id), runId: `${id}-${startedAtMs}` },
        status: RUNNING,
        startTime: msToTs(startedAtMs),
      })),
      nextPageToken:
        page.length < found.length
          ? Buffer.from(String(page.at(-1)?.startedAtMs))
          : new Uint8Array(),
    };
  };

  client(): Client {
    return {
      options: { namespace: 'default' },
      workflowService: this,
      withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
    } as unknown as Client;
  }
}

it('a list of many pages names a keeper that continues as new while it is read', async () => {
  const ids = Array.from({ length: LIST_PAGE_SIZE + 10 }, (_, index) => `a/${index}`);
  const long = Date.now() - 86_400_000;
  const store = new MovingStore(ids.map((id, index) => ({ id, startedAtMs: long + index })));
  const listed = await listKeeperRuns(store.client());
  expect(listed.map(({ id }) => id).sort()).toEqual(ids.toSorted());
});

it('a list of many pages names such a keeper also where the clock here is an hour ahead of the server', async () => {
  const nowMs = (): number => Date.now() - 3_600_000;
  const ids = Array.from({ length: LIST_PAGE_SIZE + 10 }, (_, index) => `a/${index}`);
  const store = new MovingStore(
    ids.map((id, index) => ({ id, startedAtMs: nowMs() - 86_400_000 + index })),
    nowMs,
  );
  const listed = await listKeeperRuns(store.client());
  expect(listed.map(({ id }) => id).sort()).toEqual(ids.toSorted());
});

it.each(['x\u001b[31m', 'a/\u001b]0;title\u0007', 'A', ''])(
  'a workflow that somebody named so that its credential id would be %j is not listed',
  async (id) => {
    const startedAtMs = Date.now();
    const store = new MovingStore([
      { id, startedAtMs },
      { id: 'a/1', startedAtMs },
    ]);
    const listed = await listKeeperRuns(store.client());
    expect(listed.map((run) => run.id)).toEqual(['a/1']);
  },
);

it('a provider that somebody wrote into the search attributes is not shown where it cannot be a name', () => {
  const shown = (provider: string) =>
    shownByAttributes(
      new TypedSearchAttributes([
        { key: PROVIDER_ATTRIBUTE, value: provider },
        { key: STATUS_ATTRIBUTE, value: 'fresh' },
      ]),
    );
  expect(shown('klavi')).toEqual({ provider: 'klavi', status: 'fresh' });
  expect(shown('klavi\u001b[31m')).toEqual({ status: 'fresh' });
});
