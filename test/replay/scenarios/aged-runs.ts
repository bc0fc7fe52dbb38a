import { RUN_MAX_AGE_MS, RUN_MAX_REFRESHES } from '../../../src/policy/keeper-numbers.js';
import type { KeeperRig } from '../../support/keeper-rig.js';
import { failing, tokenFor } from '../../support/scripted-refresh.js';
import { continuedAfter, LONG_MS, reaches, type RecordedRun } from './scenario.js';

/** A scenario that takes days of a time-skipping server; `sleep` lets so many milliseconds of them pass. */
type AgedScenario = (
  rig: KeeperRig,
  sleep: (durationMs: number) => Promise<void>,
) => Promise<RecordedRun>;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** The time-skipping server has no search attributes of ours. */
const PLAIN = { useSearchAttributes: false };

/** Waits that no recording could sit out. */
export const AGED_RUNS: Readonly<Record<string, AgedScenario>> = {
  'sleeps-until-the-run-is-over': async (rig, sleep) => {
    const { keeper } = await rig.keeper(tokenFor(30 * DAY_MS), PLAIN);
    await reaches(keeper, { generation: 1, refreshing: false });
    const { runId } = await keeper.describe();
    await sleep(RUN_MAX_AGE_MS);
    await continuedAfter(keeper, runId);
    return { keeper, runId };
  },

  'refreshes-for-days-when-its-tokens-are-due': async (rig, sleep) => {
    const halfHours = Array.from({ length: 12 }, () => tokenFor(30 * MINUTE_MS));
    const { keeper, fake } = await rig.keeper(
      tokenFor(30 * MINUTE_MS),
      PLAIN,
      ...halfHours,
      tokenFor(DAY_MS),
    );
    await sleep(5.8 * DAY_MS);
    await fake.attempts(RUN_MAX_REFRESHES - 1);
    await reaches(keeper, { generation: RUN_MAX_REFRESHES - 1, refreshing: false });
    return { keeper };
  },

  'outage-until-the-run-is-over': async (rig, sleep) => {
    const outage = failing('TransientRefreshError', 'http_503', DAY_MS);
    const { keeper, fake } = await rig.keeper(outage, PLAIN);
    await fake.attempts(1);
    const { runId } = await keeper.describe();
    await sleep(RUN_MAX_AGE_MS);
    await continuedAfter(keeper, runId);
    return { keeper, runId };
  },

  'client-rejected-until-it-is-accepted': async (rig, sleep) => {
    const rejected = failing('ClientRejectedError', 'invalid_client');
    const { keeper } = await rig.keeper(rejected, PLAIN, rejected, tokenFor(LONG_MS));
    await reaches(keeper, { status: 'client-rejected' });
    await sleep(5 * MINUTE_MS);
    await reaches(keeper, { generation: 1, status: 'fresh' });
    return { keeper };
  },
};
