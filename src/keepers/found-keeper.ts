import type { Client } from '@temporalio/client';
import type { PublishedAnswer } from '../contract/published-answer.js';
import { UndecipherableError } from '../encryption/undecipherable-error.js';
import { type DescribedKeeper, describeKeeper } from './described-keeper.js';
import { publishedAnswerIn } from './published-memo.js';

/** A keeper's newest run, and what it has published. */
export interface FoundKeeper {
  readonly described: DescribedKeeper;
  readonly answer: PublishedAnswer | undefined;
  /** Why the published answer cannot be read here. */
  readonly unreadable?: UndecipherableError;
}

/**
 * What the server hands over of a keeper by itself, whether or not there are workers. An unreadable published answer counts as
 * none, since a worker may be able to read it and answer with another key. Rejects with Temporal's errors.
 */
export async function foundKeeper(client: Client, id: string): Promise<FoundKeeper> {
  const described = await describeKeeper(client, id);
  try {
    return { described, answer: await publishedAnswerIn(client, id, described.memo) };
  } catch (error) {
    if (!(error instanceof UndecipherableError)) throw error;
    return { described, answer: undefined, unreadable: error };
  }
}
