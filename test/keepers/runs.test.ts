import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { expect, it } from 'vitest';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { LIST_PAGE_SIZE } from '../../src/keepers/numbers.js';
import { listKeeperRuns } from '../../src/keepers/runs.js';

const RUNNING = 1;

interface Run {
  readonly id: string;
  readonly startedAtMs: number;
}

/** A visibility store that hands out the newest runs first, and in which one keeper continues as new after the first page. */
class MovingStore {
  #runs: readonly Run[];

  constructor(runs: readonly Run[]) {
    this.#runs = runs;
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
      this.#runs = [...this.#runs.slice(1), { ...oldest, startedAtMs: Date.now() }];
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
