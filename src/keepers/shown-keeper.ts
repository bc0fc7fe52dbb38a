import type { Client } from '@temporalio/client';
import type { TypedSearchAttributes } from '@temporalio/common';
import { defined } from '../contract/defined.js';
import { KEEPER_STATUSES } from '../contract/keeper.js';
import type { KeeperStatus } from '../contract/keeper.js';
import { PROVIDER_NAME_PATTERN } from '../contract/names.js';
import { PROVIDER_ATTRIBUTE, STATUS_ATTRIBUTE } from '../contract/search-attributes.js';
import type { RunInfo } from './described-keeper.js';
import { publishedAnswerIn } from './published-memo.js';

/** What a keeper shows of itself. */
export interface ShownKeeper {
  readonly provider?: string;
  readonly status?: KeeperStatus;
  /** Only what is published says it. */
  readonly expiresAtMs?: number;
}

/** What our search attributes say: nothing if the namespace lacks them. Whoever starts a run may choose them. */
export function shownByAttributes(attributes: TypedSearchAttributes): ShownKeeper {
  const provider = attributes.get(PROVIDER_ATTRIBUTE) ?? '';
  const name = attributes.get(STATUS_ATTRIBUTE);
  const status = KEEPER_STATUSES.find((known) => known === name);
  return { ...(PROVIDER_NAME_PATTERN.test(provider) ? { provider } : {}), ...defined({ status }) };
}

/** What the keeper has sealed; `undefined` if this process cannot read it. */
export async function shownByMemo(
  client: Client,
  id: string,
  memo: RunInfo['memo'] | undefined,
): Promise<ShownKeeper | undefined> {
  const answer = await publishedAnswerIn(client, id, memo).catch(() => undefined);
  if (answer === undefined) return undefined;
  const { provider, status, token } = answer;
  return { provider, status, ...defined({ expiresAtMs: token?.expiresAtMs }) };
}
