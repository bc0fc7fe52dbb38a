import type { Client } from '@temporalio/client';
import { credentialIdOf, KEEPER_TASK_QUEUE, KEEPER_WORKFLOW_TYPE } from '../contract/names.js';
import { someOf } from '../contract/some-of.js';
import {
  neededKeyOf,
  otherKeyOf,
  UndecipherableError,
} from '../encryption/undecipherable-error.js';
import type { Memo } from './described-keeper.js';
import { mapConcurrently } from './map-concurrently.js';
import { KEYS_TRIED_FOR_MS, UNREADABLE_SHOWN } from './numbers.js';
import { publishedAnswerIn } from './published-memo.js';
import { listRuns } from './runs.js';

/** How the keys of a client fit keepers. */
export interface KeyFit {
  /** Whether the published answer of one opens. */
  readonly isOneReadable: boolean;
  /** Credentials whose keepers have published what does not open. */
  readonly unreadable: readonly Unreadable[];
}

/** A credential whose keeper has published what does not open. */
export interface Unreadable {
  readonly id: string;
  /** Which key sealed it, or that none did. */
  readonly sealedWith: string;
}

/** A keeper, and what it has published. */
export interface PublishedKeeper {
  readonly id: string;
  readonly memo?: Memo;
}

/**
 * How the keys fit what keepers have published, as it is for people: a key that is retired does not fit either, since a keeper
 * that still needs it cannot go on. One that has published nothing says nothing.
 */
export async function keyFit(client: Client, keepers: readonly PublishedKeeper[]): Promise<KeyFit> {
  const tried = await mapConcurrently(keepers, (keeper) => tryKeys(client, keeper, neededKeyOf));
  return {
    isOneReadable: tried.includes('readable'),
    unreadable: tried.flatMap((one) => (typeof one === 'object' ? [one] : [])),
  };
}

/**
 * As `keyFit`, but without retired keys, of the keepers that run on the workers' task queue, as far as one that opens. `undefined` if none did within
 * `KEYS_TRIED_FOR_MS` and there are more. Rejects with Temporal's errors.
 */
export async function runningKeyFit(client: Client): Promise<KeyFit | undefined> {
  const query = `WorkflowType = '${KEEPER_WORKFLOW_TYPE}' AND TaskQueue = '${KEEPER_TASK_QUEUE}' AND ExecutionStatus = 'Running'`;
  const endsAtMs = Date.now() + KEYS_TRIED_FOR_MS;
  const unreadable: Unreadable[] = [];
  for await (const { workflowId, memo } of listRuns(client, query, endsAtMs)) {
    const id = credentialIdOf(workflowId);
    const one = id === undefined ? 'silent' : await tryKeys(client, { id, memo }, otherKeyOf);
    if (one === 'readable') return { isOneReadable: true, unreadable };
    if (one !== 'silent') unreadable.push(one);
    if (Date.now() > endsAtMs) return undefined;
  }
  return { isOneReadable: false, unreadable };
}

/** Facts in one line: some of the credentials, and what they were sealed with. */
export function unreadableText(unreadable: readonly Unreadable[]): string {
  const shown = (names: readonly string[]): string => someOf(names, UNREADABLE_SHOWN, ' and ');
  const sealedWith = [...new Set(unreadable.map((one) => one.sealedWith))].sort();
  return `[keepers=${shown(unreadable.map(({ id }) => id))}, sealed with=${shown(sealedWith)}]`;
}

async function tryKeys(
  client: Client,
  { id, memo }: PublishedKeeper,
  keyOf: typeof otherKeyOf,
): Promise<'readable' | 'silent' | Unreadable> {
  try {
    const answer = await publishedAnswerIn(client, id, memo);
    return answer === undefined ? 'silent' : 'readable';
  } catch (error) {
    // What is no answer at all says nothing of keys, whoever wrote it.
    const sealedWith = error instanceof UndecipherableError ? keyOf(error) : undefined;
    return sealedWith === undefined ? 'silent' : { id, sealedWith };
  }
}
