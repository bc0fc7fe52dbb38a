import type { Client } from '@temporalio/client';
import type { CredentialSpec } from '../contract/credential.js';
import { loginKey, spendsLoginOf } from '../policy/shared-login.js';
import { mapConcurrently } from './map-concurrently.js';
import { publishedAnswerIn, publishedSettingsIn } from './published-memo.js';
import type { KeeperRun } from './runs.js';

/**
 * Which credentials would spend a login that a keeper of another id has, by that id. What a keeper has published for others
 * than this process says nothing.
 */
export async function sharedLogins(
  client: Client,
  specs: readonly CredentialSpec[],
  runs: readonly KeeperRun[],
): Promise<ReadonlyMap<string, string>> {
  const byLogin = new Map(specs.map((spec) => [loginKey(spec), spec]));
  const shared = new Map<string, string>();
  await mapConcurrently(runs, async ({ id, memo, execution }) => {
    const settings = await publishedSettingsIn(client, id, memo).catch(() => undefined);
    const spec = settings && byLogin.get(loginKey(settings));
    if (settings === undefined || spec === undefined) return;
    const answer = await publishedAnswerIn(client, id, memo).catch(() => undefined);
    const isRunning = execution === 'RUNNING';
    if (spendsLoginOf({ settings, answer, isRunning }, spec)) shared.set(spec.id, id);
  });
  return shared;
}
