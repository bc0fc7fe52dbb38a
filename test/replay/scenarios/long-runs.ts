import { forceRefreshSignal } from '../../../src/contract/message-definitions.js';
import { metContinueAsNew } from '../../../src/keepers/temporal-error.js';
import { RUN_HARD_MAX_MESSAGES, RUN_MAX_EVENTS } from '../../../src/policy/keeper-numbers.js';
import type { KeeperRig } from '../../support/keeper-rig.js';
import { forceRequest } from '../../support/requests.js';
import { failing, tokenFor } from '../../support/scripted-refresh.js';
import {
  continuedAfter,
  fresh,
  LONG_MS,
  makeRunLong,
  OUTAGE,
  pokes,
  reaches,
  type RecordedRun,
  type Scenarios,
  waitingCaller,
} from './scenario.js';

/** Runs that end by the number of their events or messages, and the runs that follow them. */
export const LONG_RUNS: Scenarios = {
  'continues-as-new': async (rig) => {
    const { keeper, runId } = await longRun(rig);
    return { keeper, runId };
  },

  'goes-on-in-a-run-that-is-nearly-long': async (rig) => {
    const { keeper } = await rig.keeper(tokenFor(LONG_MS));
    await fresh(keeper);
    for (let sent = 0; sent < RUN_MAX_EVENTS - 100; sent += 50) await pokes(keeper, 50);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await reaches(keeper, { generation: 2, refreshing: false });
    return { keeper };
  },

  'continued-with-all-it-knew': async (rig) => {
    const { keeper } = await longRun(rig);
    await fresh(keeper, 1);
    return { keeper };
  },

  'continued-with-a-pending-force': async (rig) => {
    const { keeper } = await rig.keeper(tokenFor(LONG_MS));
    await fresh(keeper);
    await fresh(keeper, 1);
    const { runId } = await keeper.describe();
    await keeper.signal(forceRefreshSignal, forceRequest());
    await makeRunLong(keeper);
    await continuedAfter(keeper, runId);
    await reaches(keeper, { generation: 3, refreshing: false });
    return { keeper };
  },

  'cut-in-an-outage-to-continue-as-new': async (rig) => longOutage(rig),

  'continued-in-an-outage': async (rig) => {
    const { keeper } = await longOutage(rig);
    await reaches(keeper, { generation: 2, refreshing: false });
    return { keeper };
  },

  'waits-for-its-caller-before-it-continues': async (rig) => {
    const { keeper } = await rig.keeper(failing('ClientRejectedError', 'invalid_client'));
    await reaches(keeper, { status: 'client-rejected' });
    const { runId } = await keeper.describe();
    const caller = await waitingCaller(keeper);
    await makeRunLong(keeper);
    await caller.done();
    await continuedAfter(keeper, runId);
    return { keeper, runId };
  },

  'continues-although-callers-wait': async (rig) => {
    const { keeper } = await rig.keeper(failing('ClientRejectedError', 'invalid_client'));
    await reaches(keeper, { status: 'client-rejected' });
    const { runId } = await keeper.describe();
    // Each waits 10 s at most: there is always one that still does.
    const callers = [await waitingCaller(keeper)];
    for (let sent = 0; sent < RUN_HARD_MAX_MESSAGES; sent += 100) {
      await pokes(keeper, 100);
      callers.push(await waitingCaller(keeper));
    }
    const outcomes = await Promise.all(callers.map((caller) => caller.done()));
    if (!outcomes.some(metContinueAsNew)) throw new Error('no caller was told to repeat');
    await continuedAfter(keeper, runId);
    return { keeper, runId };
  },
};

/** A run that ended by its length, after signals that asked for nothing new. */
async function longRun(rig: KeeperRig): Promise<Required<RecordedRun>> {
  const { keeper } = await rig.keeper(tokenFor(LONG_MS));
  await fresh(keeper);
  const { runId } = await keeper.describe();
  await makeRunLong(keeper);
  await continuedAfter(keeper, runId);
  return { keeper, runId };
}

/** A run that was cut in a backoff to end by its length. */
async function longOutage(rig: KeeperRig): Promise<Required<RecordedRun>> {
  const { keeper } = await rig.keeper(tokenFor(LONG_MS), {}, OUTAGE, tokenFor(LONG_MS));
  await fresh(keeper);
  await keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 }));
  const { runId } = await keeper.describe();
  await makeRunLong(keeper);
  await continuedAfter(keeper, runId);
  return { keeper, runId };
}
