import { proxyActivities } from '@temporalio/workflow';
import type { StartActivities } from './server-start.test.js';

const { serverStart } = proxyActivities<StartActivities>({ startToCloseTimeout: '20 s' });

/** What the activity was told by the server. */
export function waiting(): Promise<number | undefined> {
  return serverStart();
}
