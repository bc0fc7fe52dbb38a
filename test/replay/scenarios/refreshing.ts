import { forceRefreshSignal, applyUpdate } from '../../../src/contract/message-definitions.js';
import type { RefreshResult } from '../../../src/contract/refresh-activity.js';
import { refusedPayload } from '../../../src/contract/refused-payload.js';
import { specOf } from '../../support/keeper-rig.js';
import { forceRequest, applyRequest } from '../../support/requests.js';
import { failing, tokenFor } from '../../support/scripted-refresh.js';
import { fresh, LONG_MS, reaches, type Scenarios, SHORT_MS } from './scenario.js';

/** Past `RETRYING_AFTER_MS`, so that the status changes by a timer. */
const LONG_BACKOFF_MS = 17_000;

/** Refreshes that the clock asks for, and what becomes of them. */
export const REFRESHING: Scenarios = {
  'refreshes-on-time': async (rig) => {
    const { keeper } = await rig.keeper(tokenFor(SHORT_MS));
    await reaches(keeper, { generation: 3, refreshing: false });
    return { keeper };
  },

  'retries-by-the-server': async (rig) => {
    const outage = failing('TransientRefreshError', 'http_503', LONG_BACKOFF_MS);
    const { keeper } = await rig.keeper(tokenFor(LONG_MS), {}, outage, tokenFor(LONG_MS));
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 }));
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
    await keeper.executeUpdate(applyUpdate, { args: [applyRequest(repaired)] });
    await reaches(keeper, { generation: 1, status: 'fresh' });
    return { keeper };
  },

  'expires-in-an-outage': async (rig) => {
    const outage = failing('TransientRefreshError', 'http_503', 2 * SHORT_MS);
    const { keeper } = await rig.keeper(tokenFor(SHORT_MS), {}, outage, tokenFor(LONG_MS));
    await fresh(keeper);
    await keeper.signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 }));
    await reaches(keeper, { status: 'expired' });
    await reaches(keeper, { generation: 2, status: 'fresh' });
    return { keeper };
  },

  'without-search-attributes': async (rig) => {
    const { keeper } = await rig.keeper(tokenFor(LONG_MS), { useSearchAttributes: false });
    await fresh(keeper);
    return { keeper };
  },

  'reads-a-result-that-was-not-sealed': async (rig) => {
    const unsealed = (): RefreshResult => refusedPayload('forged') as unknown as RefreshResult;
    const { keeper } = await rig.keeper(unsealed, {}, tokenFor(LONG_MS));
    await reaches(keeper, { generation: 1, status: 'fresh' });
    return { keeper };
  },
};
