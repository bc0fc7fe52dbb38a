import { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeeperRig } from '../support/keeper-rig.js';
import { recordedJournals, recordJournal } from '../support/recorded-journals.js';
import {
  openTimeSkippingNamespace,
  type TimeSkippingNamespace,
} from '../support/time-skipping-namespace.js';
import { currentVersion, recordedScenarios, writeHistory } from './history-files.js';
import { AGED_RUNS, SCENARIOS } from './scenarios/index.js';
import type { RecordedRun } from './scenarios/scenario.js';

/** Run by `npm run histories:record`, never with the tests: it records what the current version has no history of. */
const version = await currentVersion();
const recorded = await recordedScenarios();

function missing<Scenario>(scenarios: Readonly<Record<string, Scenario>>): [string, Scenario][] {
  return Object.entries(scenarios).filter(([name]) => !recorded.includes(name));
}

const now = missing(SCENARIOS);
const aged = missing(AGED_RUNS);

it('a journal', async () => {
  if (!recordedJournals().includes(version)) await recordJournal(version);
  expect(recordedJournals()).toContain(version);
});

describe.runIf(now.length > 0).concurrent('recording', () => {
  let rig: KeeperRig;
  beforeAll(async () => {
    rig = await KeeperRig.open();
  });
  afterAll(() => rig.close());

  it.each(now)('%s', async (name, scenario) => {
    await record(name, rig, await scenario(rig));
  });
});

describe.runIf(aged.length > 0)('recording days', () => {
  let rig: KeeperRig;
  let time: TimeSkippingNamespace;
  beforeAll(async () => {
    rig = await KeeperRig.open(async () => (time = await openTimeSkippingNamespace()));
  });
  afterAll(() => rig.close());

  it.each(aged)('%s', async (name, scenario) => {
    await record(name, rig, await scenario(rig, (durationMs) => time.sleep(durationMs)));
  });
});

async function record(name: string, rig: KeeperRig, run: RecordedRun): Promise<void> {
  expect(await writeHistory(name, await settledHistory(rig, run))).toContain(name);
}

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
