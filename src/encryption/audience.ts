import { METADATA_ENCODING_KEY } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import {
  isForOperatorsToSend,
  isForReadersToRead,
  isForReadersToSend,
} from '../contract/payload-checks.js';
import type { Purpose } from './key-path.js';

/** The workflow and activity that a payload belongs to. An operator, and an error path of the SDK, names neither. */
export interface Owner {
  readonly workflowId?: string;
  readonly activityId?: string;
}

/**
 * What a payload is sealed for. Readers get only what they may know or send; requests and results of activities, failures
 * included, are never for readers, since a keeper acts on them.
 */
export function purposeOf(payload: Payload, { workflowId, activityId }: Owner): Purpose {
  if (workflowId === undefined) return 'operator';
  if (activityId !== undefined) return 'owner';
  const value = jsonIn(payload);
  return isForReadersToRead(value) || isForReadersToSend(value) ? 'reader' : 'owner';
}

/** Whether a payload is one that may be sealed for this purpose: a reader's key seals no material. */
export function isFitFor(purpose: Purpose, payload: Payload, { activityId }: Owner): boolean {
  switch (purpose) {
    case 'owner':
    case 'journal':
      return true;
    case 'reader': {
      if (activityId !== undefined) return false;
      const value = jsonIn(payload);
      return isForReadersToRead(value) || isForReadersToSend(value);
    }
    case 'operator':
      return isForOperatorsToSend(jsonIn(payload));
  }
}

function jsonIn(payload: Payload): unknown {
  const encoding = Buffer.from(payload.metadata?.[METADATA_ENCODING_KEY] ?? []).toString();
  if (encoding !== 'json/plain') return undefined;
  try {
    return JSON.parse(Buffer.from(payload.data ?? []).toString()) as unknown;
  } catch {
    return undefined;
  }
}
