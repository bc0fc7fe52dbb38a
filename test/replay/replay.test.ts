import { type ReplayWorkerOptions, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { installQuietRuntime } from '../support/quiet-runtime.js';
import { shared } from '../support/shared-resources.js';
import { type RecordedHistory, readHistories, replayable, workflowIdOf } from './history-files.js';
import { AGED_RUNS, SCENARIOS } from './scenarios/index.js';

const files = await readHistories();

let current: ReplayWorkerOptions;
let byCurrent: readonly (string | undefined)[];
let byIncompatible: readonly (string | undefined)[];
beforeAll(async () => {
  installQuietRuntime();
  current = { workflowBundle: { codePath: await shared('workflowBundlePath') } };
  const incompatible = { workflowBundle: { codePath: await shared('incompatibleBundlePath') } };
  const histories = files.map(({ history }) => history);
  byCurrent = await divergences(histories, current);
  byIncompatible = await divergences(histories, incompatible);
});

/** Why these workflows do not replay each of the histories; `undefined` for one that they do replay. */
async function divergences(
  histories: readonly RecordedHistory[],
  workflows: ReplayWorkerOptions,
): Promise<readonly (string | undefined)[]> {
  const recorded = histories.map(replayable);
  const named = recorded.map((history) => ({ history, workflowId: workflowIdOf(history) }));
  const found: (string | undefined)[] = [];
  // One worker replays them one after another: to start a worker takes longer than a replay.
  for await (const { error } of Worker.runReplayHistories(workflows, named)) {
    found.push(
      error && `they do not replay it, so running keepers would get stuck: ${String(error)}`,
    );
  }
  return found;
}

describe('the current workflows', () => {
  it.each(files)('replay what version $version did: $scenario', (file) => {
    expect(byCurrent).toHaveLength(files.length);
    const why = byCurrent[files.indexOf(file)];
    expect(why, 'guard the change with patched()').toBeUndefined();
  });

  it('have a recorded history of every scenario', () => {
    expect([...new Set(files.map(({ scenario }) => scenario))].sort()).toEqual(
      Object.keys({ ...SCENARIOS, ...AGED_RUNS }).sort(),
    );
  });
});

/** What a change of the workflows looks like from an old history: it asks for something else than they do. */
const CHANGES: readonly [string, (text: string) => string][] = [
  ['they call another activity', (text) => text.replaceAll('"refreshToken"', '"revokeToken"')],
  ['they no longer hear a signal', (text) => text.replaceAll('"stop"', '"end"')],
];

describe('a replay', () => {
  it.each(files)('of $scenario fails where the workflows ask for a timer more', (file) => {
    expect(byIncompatible[files.indexOf(file)]).toMatch(/[Nn]on-?determinis/);
  });

  it.each(CHANGES)('fails where %s', async (_, change) => {
    const file = files.find(({ scenario }) => scenario === 'stopped-while-it-sleeps');
    const changed = JSON.parse(change(JSON.stringify(file?.history))) as RecordedHistory;
    expect(await divergences([changed], current)).toEqual([
      expect.stringMatching(/[Nn]on-?determinis/),
    ]);
  });
});
