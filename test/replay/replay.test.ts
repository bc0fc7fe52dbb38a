import { type ReplayWorkerOptions, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { installQuietRuntime } from '../support/quiet-runtime.js';
import { shared } from '../support/shared-resources.js';
import { type RecordedHistory, readHistories, replayable, workflowIdOf } from './history-files.js';
import { AGED_RUNS, SCENARIOS } from './scenarios/index.js';

const files = await readHistories();

let current: ReplayWorkerOptions;
let incompatible: ReplayWorkerOptions;
beforeAll(async () => {
  installQuietRuntime();
  current = { workflowBundle: { codePath: await shared('workflowBundlePath') } };
  incompatible = { workflowBundle: { codePath: await shared('incompatibleBundlePath') } };
});

/** Why these workflows, by default the current ones, do not replay the history; `undefined` if they do. */
async function divergence(
  history: RecordedHistory,
  workflows = current,
): Promise<string | undefined> {
  try {
    const recorded = replayable(history);
    await Worker.runReplayHistory(workflows, recorded, workflowIdOf(recorded));
    return undefined;
  } catch (error) {
    return `the current workflows do not replay it, so running keepers would get stuck; guard the change with patched() [${String(error)}]`;
  }
}

describe('the current workflows', () => {
  it.each(files)('replay what version $version did: $scenario', async ({ history }) => {
    expect(await divergence(history)).toBeUndefined();
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
  it.each(files)('of $scenario fails where the workflows ask for a timer more', async (file) => {
    expect(await divergence(file.history, incompatible)).toMatch(/[Nn]on-?determinis/);
  });

  it.each(CHANGES)('fails where %s', async (_, change) => {
    const file = files.find(({ scenario }) => scenario === 'stopped-while-it-sleeps');
    const changed = JSON.parse(change(JSON.stringify(file?.history))) as RecordedHistory;
    expect(await divergence(changed)).toMatch(/patched\(\).*[Nn]on-?determinis/s);
  });
});
