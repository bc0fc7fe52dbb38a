import { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeeperRig } from '../workflows/keeper-rig.js';
import { writeHistory } from './history-files.js';
import { type RecordedRun, SCENARIOS } from './scenarios.js';

/** Run by `npm run histories:record`, never with the tests: it replaces the histories of the current version. */
let rig: KeeperRig;
beforeAll(async () => {
  rig = await KeeperRig.open();
});
afterAll(() => rig.close());

describe.concurrent('recording', () => {
  it.each(Object.entries(SCENARIOS))('%s', async (name, scenario) => {
    const run = await scenario(rig);
    expect(await writeHistory(name, await settledHistory(rig, run))).toContain(name);
  });
});

const { EventType } = temporal.api.enums.v1;
/** While one of these is the last event, the keeper has not yet said what it does. */
const UNSETTLED: readonly unknown[] = [
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
];

async function settledHistory(
  { client }: KeeperRig,
  { keeper, runId }: RecordedRun,
): Promise<temporal.api.history.v1.IHistory> {
  const run = client.workflow.getHandle(keeper.workflowId, runId);
  for (;;) {
    const history = await run.fetchHistory();
    if (!UNSETTLED.includes(history.events?.at(-1)?.eventType)) return history;
  }
}
