import type { Client } from '@temporalio/client';
import { PUBLISHED_MEMO } from '../contract/names.js';
import { fitsPublishedAnswer, fitsPublishedSettings } from '../contract/payload-checks.js';
import type { PublishedAnswer, PublishedSettings } from '../contract/published-answer.js';
import { firstDecoded } from './decoded-payloads.js';
import type { Memo } from './described-keeper.js';

/**
 * The answer that a keeper has published, with the status that it had by the keeper's clock; `undefined` if there is none, as on servers
 * that drop memos. Rejects with an `UndecipherableError` if this process may not read it, or if nobody should.
 */
export function publishedAnswerIn(
  client: Client,
  id: string,
  memo: Memo | undefined,
): Promise<PublishedAnswer | undefined> {
  return published(client, id, memo?.[PUBLISHED_MEMO.answer], fitsPublishedAnswer);
}

/** As `publishedAnswerIn`, but what was applied last. Reading it takes the owner key. */
export function publishedSettingsIn(
  client: Client,
  id: string,
  memo: Memo | undefined,
): Promise<PublishedSettings | undefined> {
  return published(client, id, memo?.[PUBLISHED_MEMO.settings], fitsPublishedSettings);
}

async function published<T extends { readonly id: string }>(
  client: Client,
  id: string,
  payload: Memo[string] | undefined,
  fits: (value: unknown) => value is T,
): Promise<T | undefined> {
  if (payload === undefined) return undefined;
  const value = await firstDecoded(client, id, [payload]);
  return fits(value) && value.id === id ? value : undefined;
}
