import {
  ensureFreshUpdate,
  forceRefreshSignal,
  reauthorizeUpdate,
  statusQuery,
  stopSignal,
} from '../../src/contract/message-definitions.js';
import { RUN_MAX_EVENTS } from '../../src/policy/numbers.js';
import { type Keeper, type KeeperRig, specOf } from '../workflows/keeper-rig.js';
import { failing, onTheWay, tokenFor } from '../workflows/scripted-refresh.js';

/** Takes a new keeper through a part of its life; the history of the run that it ends in is recorded. */
export type Scenario = (rig: KeeperRig) => Promise<RecordedRun>;

/** The run whose history is to be recorded; without `runId` the current one. */
export interface RecordedRun {
  readonly keeper: Keeper;
  readonly runId?: string;
}

const LONG_MS = 600_000;
/** Due again as soon as the spacing of two refreshes allows. */
const SHORT_MS = 4_000;
const HOUR_MS = 3_600_000;
/** Past `RETRYING_AFTER_MS`, so that the status changes by a timer. */
const LONG_BACKOFF_MS = 17_000;
const OUTAGE = failing('TransientRefreshError', 'http_503', HOUR_MS);

/** What keepers of this version do, each as short as it can be. All values are made up. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'refreshes-on-time': async (rig) => {
    const { keeper } = await rig.keeper(tokenFor(SHORT_MS));
    await reaches(keeper, { generation: 3, refreshing: false });
    return { keeper };
  },

  'retries-by-the-server': async (rig) => {
    const outage = failing('TransientRefreshError', 'http_503', LONG_BACKOFF_MS);
    const { keeper } = await rig.keeper(tokenFor(LONG_MS), {}, outage, tokenFor(LONG_MS));
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, { generation: 1 });
    await reaches(keeper, { status: 'retrying' });
    await reaches(keeper, { generation: 2, status: 'fresh' });
    return { keeper };
  },

  'client-rejected-then-repaired': async (rig) => {
    const rejected = failing('ClientRejectedError', 'invalid_client');
    const { keeper, spec } = await rig.keeper(rejected, {}, tokenFor(LONG_MS));
    await reaches(keeper, { status: 'client-rejected' });
    const repaired = specOf(spec.id, {
      material: { refreshToken: 'refresh-0', clientSecret: 'secret-new' },
      fingerprints: { refreshToken: 'f0', clientSecret: 'fs-new' },
    });
    await keeper.executeUpdate(reauthorizeUpdate, { args: [repaired] });
    await reaches(keeper, { generation: 1, status: 'fresh' });
    return { keeper };
  },

  'expires-in-an-outage': async (rig) => {
    const outage = failing('TransientRefreshError', 'http_503', 2 * SHORT_MS);
    const { keeper } = await rig.keeper(tokenFor(SHORT_MS), {}, outage, tokenFor(LONG_MS));
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, { generation: 1 });
    await reaches(keeper, { status: 'expired' });
    await reaches(keeper, { generation: 2, status: 'fresh' });
    return { keeper };
  },

  'fails-permanently': async (rig) => {
    const dead = failing('PermanentRefreshError', 'invalid_grant');
    const { keeper } = await rig.keeper(tokenFor(LONG_MS), {}, dead);
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, { generation: 1 });
    await reaches(keeper, { status: 'failed' });
    return { keeper };
  },

  'forced-during-backoff': async (rig) => {
    const { keeper, fake } = await rig.keeper(OUTAGE, {}, tokenFor(LONG_MS));
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, {});
    await reaches(keeper, { generation: 1, status: 'fresh' });
    return { keeper };
  },

  'continues-as-new': async (rig) => {
    const { keeper, runId } = await longRun(rig);
    return { keeper, runId };
  },

  'continued-with-all-it-knew': async (rig) => {
    const { keeper } = await longRun(rig);
    await fresh(keeper, 1);
    return { keeper };
  },

  'reauthorized-during-a-request': async (rig) => {
    let release = (): void => undefined;
    const answered = new Promise<void>((resolve) => (release = resolve));
    const slow = onTheWay(answered.then(() => tokenFor(LONG_MS)));
    const { keeper, fake, spec } = await rig.keeper(slow, {}, tokenFor(LONG_MS));
    await fake.attempts(1);
    const renewed = specOf(spec.id, {
      material: { refreshToken: 'refresh-new', clientSecret: 'secret' },
      fingerprints: { refreshToken: 'f-new', clientSecret: 'fs' },
    });
    await keeper.executeUpdate(reauthorizeUpdate, { args: [renewed] });
    release();
    await reaches(keeper, { epoch: 2, generation: 1, refreshing: false });
    return { keeper };
  },

  'stopped-while-it-sleeps': async (rig) => {
    const { keeper } = await rig.keeper(tokenFor(LONG_MS));
    await fresh(keeper);
    await keeper.signal(stopSignal);
    await keeper.result();
    return { keeper };
  },

  'stopped-during-backoff': async (rig) => {
    const { keeper, fake } = await rig.keeper(OUTAGE);
    await fake.attempts(1);
    await keeper.signal(stopSignal);
    await keeper.result();
    return { keeper };
  },

  'cancelled-while-it-sleeps': async (rig) => {
    const { keeper } = await rig.keeper(tokenFor(LONG_MS));
    await fresh(keeper);
    await keeper.cancel();
    await reaches(keeper, { status: 'stopped' });
    return { keeper };
  },

  'callers-wait-for-fresh-tokens': async (rig) => {
    const { keeper } = await rig.keeper(tokenFor(LONG_MS), {}, tokenFor(LONG_MS), OUTAGE);
    await Promise.all([fresh(keeper), fresh(keeper)]);
    await fresh(keeper, 0);
    await fresh(keeper, 1);
    await fresh(keeper, 2).catch(() => undefined);
    return { keeper };
  },

  'without-search-attributes': async (rig) => {
    const { keeper } = await rig.keeper(tokenFor(LONG_MS), { useSearchAttributes: false });
    await fresh(keeper);
    return { keeper };
  },
};

/** A run that ended by its length, after signals that asked for nothing new. */
async function longRun(rig: KeeperRig): Promise<Required<RecordedRun>> {
  const { keeper } = await rig.keeper(tokenFor(LONG_MS));
  await fresh(keeper);
  const { runId } = await keeper.describe();
  for (let sent = 0; sent < RUN_MAX_EVENTS; sent += 50) {
    await Promise.all(
      Array.from({ length: 50 }, () => keeper.signal(forceRefreshSignal, { generation: 0 })),
    );
  }
  while ((await keeper.describe()).runId === runId);
  return { keeper, runId };
}

function fresh(keeper: Keeper, afterGeneration?: number): Promise<unknown> {
  return keeper.executeUpdate(ensureFreshUpdate, {
    args: [{ minValidityMs: 0, ...(afterGeneration === undefined ? {} : { afterGeneration }) }],
  });
}

/** Resolves when the keeper's status answer has all these values. */
async function reaches(
  keeper: Keeper,
  wanted: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  for (;;) {
    const answer = new Map<string, unknown>(Object.entries(await keeper.query(statusQuery)));
    if (Object.entries(wanted).every(([key, value]) => answer.get(key) === value)) return;
  }
}
