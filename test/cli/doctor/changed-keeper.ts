import { sleep } from '@temporalio/workflow';

/** A keeper whose code was changed without regard to the histories that exist: it begins with another command. */
export async function credentialKeeper(): Promise<void> {
  await sleep('1 hour', { summary: 'not what the history says' });
  await sleep('1 hour');
}
