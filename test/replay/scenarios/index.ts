import { AGED_RUNS } from './aged-runs.js';
import { ENDS } from './ends.js';
import { LONG_RUNS } from './long-runs.js';
import { MESSAGES } from './messages.js';
import { REFRESHING } from './refreshing.js';
import type { Scenarios } from './scenario.js';

export { AGED_RUNS };

/** What keepers of this version do on the real server, each as short as it can be. All values are made up. */
export const SCENARIOS: Scenarios = { ...REFRESHING, ...MESSAGES, ...LONG_RUNS, ...ENDS };
