import { sleep } from '@temporalio/workflow';
import type { KeeperInput, KeeperResult } from '../../src/contract/keeper.js';
import { credentialKeeper as currentKeeper } from '../../src/workflows/index.js';

/** The keeper with one command more than running ones have in their histories: what no deploy may bring. */
export async function credentialKeeper(input: KeeperInput): Promise<KeeperResult> {
  await sleep(1);
  return currentKeeper(input);
}
