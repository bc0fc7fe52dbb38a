import { forceRefreshSignal, applyUpdate } from '../../../src/contract/message-definitions.js';
import { specOf } from '../../support/keeper-rig.js';
import { applyRequest, forceRequest } from '../../support/requests.js';
import { failing, onTheWay, type Step, tokenFor } from '../../support/scripted-refresh.js';
import {
  deferredStep,
  fresh,
  LONG_MS,
  OUTAGE,
  reaches,
  renewed,
  type Scenarios,
} from './scenario.js';

/** What callers and operators ask of a keeper, asleep, in backoff and with a request on the way. */
export const MESSAGES: Scenarios = {
  'forced-during-backoff': async (rig) => {
    const { keeper, fake } = await rig.keeper(OUTAGE, {}, tokenFor(LONG_MS));
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await reaches(keeper, { generation: 1, status: 'fresh' });
    return { keeper };
  },

  'reauthorized-during-a-request': async (rig) => {
    const answer = deferredStep();
    const { keeper, fake, spec } = await rig.keeper(onTheWay(answer.step), {}, tokenFor(LONG_MS));
    await fake.attempts(1);
    await keeper.executeUpdate(applyUpdate, { args: [applyRequest(renewed(spec.id))] });
    answer.resolve(tokenFor(LONG_MS));
    await reaches(keeper, { epoch: 2, generation: 1, refreshing: false });
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

  'forced-again-too-soon': async (rig) => {
    const { keeper } = await rig.keeper(tokenFor(LONG_MS));
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await reaches(keeper, { generation: 2, refreshing: false });
    await keeper.signal(forceRefreshSignal, forceRequest({ cuts: 'retry-after' }));
    await reaches(keeper, { generation: 3, refreshing: false });
    return { keeper };
  },

  'forced-again-during-backoff': async (rig) => {
    const { keeper, fake } = await rig.keeper(OUTAGE, {}, OUTAGE, tokenFor(LONG_MS));
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await fake.attempts(2);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await reaches(keeper, { forcePending: true, refreshing: true });
    await fresh(keeper).catch(() => fresh(keeper));
    return { keeper };
  },

  'woken-by-a-pending-force': async (rig) => {
    const { keeper, fake } = await rig.keeper(OUTAGE, {}, OUTAGE, tokenFor(LONG_MS));
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await fake.attempts(2);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await reaches(keeper, { generation: 1, refreshing: false });
    return { keeper };
  },

  'forced-during-a-request-that-fails': async (rig) => {
    const answer = deferredStep();
    const { keeper, fake } = await rig.keeper(onTheWay(answer.step), {}, tokenFor(LONG_MS));
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await reaches(keeper, { forcePending: true });
    answer.resolve(failing('UnconfirmedRefreshError', 'http_404', 1_000));
    await reaches(keeper, { generation: 1, refreshing: false });
    return { keeper };
  },

  'cut-attempt-dies': async (rig) => {
    const answer = deferredStep();
    const silent: Step = async (request) => (await answer.step)(request);
    const { keeper, fake } = await rig.keeper(silent, {}, tokenFor(LONG_MS));
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await reaches(keeper, { generation: 1, refreshing: false });
    answer.resolve(tokenFor(LONG_MS));
    return { keeper };
  },

  'reauthorized-during-backoff': async (rig) => {
    const { keeper, fake, spec } = await rig.keeper(OUTAGE, {}, tokenFor(LONG_MS));
    await fake.attempts(1);
    await keeper.executeUpdate(applyUpdate, { args: [applyRequest(renewed(spec.id))] });
    await reaches(keeper, { epoch: 2, generation: 1, refreshing: false });
    return { keeper };
  },

  'applied-while-it-sleeps': async (rig) => {
    const { keeper, spec } = await rig.keeper(tokenFor(LONG_MS));
    await fresh(keeper);
    await keeper.executeUpdate(applyUpdate, { args: [applyRequest(spec)] });
    const retimed = specOf(spec.id, { timing: { leadMs: LONG_MS / 4 } });
    await keeper.executeUpdate(applyUpdate, { args: [applyRequest(retimed)] });
    const seedToken = {
      value: 'seed',
      tokenType: 'Bearer',
      issuedAtMs: Date.now(),
      expiresAtMs: Date.now() + LONG_MS,
    };
    await keeper.executeUpdate(applyUpdate, {
      args: [applyRequest(renewed(spec.id, { seedToken }))],
    });
    await fresh(keeper, 2);
    await keeper.executeUpdate(applyUpdate, {
      args: [applyRequest(specOf(spec.id), { returns: true })],
    });
    await reaches(keeper, { epoch: 3, generation: 4, refreshing: false });
    return { keeper };
  },
};
