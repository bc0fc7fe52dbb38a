import { forceRefreshSignal, stopSignal } from '../../../src/contract/message-definitions.js';
import { forceRequest } from '../../support/requests.js';
import { failing, onTheWay, tokenFor } from '../../support/scripted-refresh.js';
import {
  deferredStep,
  fresh,
  LONG_MS,
  OUTAGE,
  reaches,
  type Scenarios,
  waitingCaller,
} from './scenario.js';

/** Every way in which a keeper ends. */
export const ENDS: Scenarios = {
  'fails-permanently': async (rig) => {
    const dead = failing('PermanentRefreshError', 'invalid_grant');
    const { keeper } = await rig.keeper(tokenFor(LONG_MS), {}, dead);
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 }));
    await reaches(keeper, { status: 'failed' });
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

  'outcome-unknown-after-a-cut': async (rig) => {
    const lost = failing('PermanentRefreshError', 'outcome_unknown');
    const { keeper, fake } = await rig.keeper(OUTAGE, {}, lost);
    await fake.attempts(1);
    await keeper.signal(forceRefreshSignal, forceRequest());
    await reaches(keeper, { status: 'failed' });
    return { keeper };
  },

  'fails-while-a-caller-waits': async (rig) => {
    const answer = deferredStep();
    const { keeper, fake } = await rig.keeper(onTheWay(answer.step));
    await fake.attempts(1);
    const caller = await waitingCaller(keeper);
    answer.resolve(failing('PermanentRefreshError', 'invalid_grant'));
    await caller.done();
    return { keeper };
  },

  'stopped-while-a-caller-waits': async (rig) => {
    const { keeper } = await rig.keeper(failing('ClientRejectedError', 'invalid_client'));
    await reaches(keeper, { status: 'client-rejected' });
    const caller = await waitingCaller(keeper);
    await keeper.signal(stopSignal);
    await caller.done();
    await keeper.result();
    return { keeper };
  },

  'cancelled-during-a-request': async (rig) => {
    const answer = deferredStep();
    const { keeper, fake } = await rig.keeper(onTheWay(answer.step));
    await fake.attempts(1);
    await keeper.cancel();
    answer.resolve(tokenFor(LONG_MS));
    await reaches(keeper, { status: 'stopped', generation: 1 });
    return { keeper };
  },
};
