import type { Payload } from '@temporalio/common';
import {
  isForOperatorsToSend,
  isForReadersToRead,
  isForReadersToSend,
  knownAnswer,
} from '../contract/payload-checks.js';
import type { Purpose } from './key-path.js';
import { jsonIn } from './payload-json.js';

/** The workflow and activity that a payload belongs to. An operator, and an error path of the SDK, names neither. */
export interface Owner {
  readonly workflowId?: string;
  readonly activityId?: string;
}

/** What is sealed of a payload, and for what. */
export interface Destined {
  readonly purpose: Purpose;
  readonly part: Payload;
}

/**
 * What a payload is sealed for, and what of it; `undefined` if nobody may be sent it. Readers get only what they may know or
 * send; requests and results of activities, failures included, are never for readers, since a keeper acts on them.
 */
export function destined(payload: Payload, owner: Owner): Destined | undefined {
  const purpose = owner.workflowId === undefined ? 'operator' : 'reader';
  const part = fitPart(purpose, payload, owner);
  if (part !== undefined) return { purpose, part };
  return purpose === 'operator' ? undefined : { purpose: 'owner', part: payload };
}

/**
 * What of a payload may be sealed for this purpose, or `undefined`: a reader's key seals no material. It is the payload
 * itself, but for what only a later build knows of an answer for readers.
 */
export function fitPart(
  purpose: Purpose,
  payload: Payload,
  { activityId }: Owner,
): Payload | undefined {
  switch (purpose) {
    case 'owner':
    case 'journal':
      return payload;
    case 'reader':
      return activityId === undefined ? partForReaders(payload) : undefined;
    case 'operator':
      return isForOperatorsToSend(jsonIn(payload)) ? payload : undefined;
  }
}

function partForReaders(payload: Payload): Payload | undefined {
  const value = jsonIn(payload);
  if (isForReadersToRead(value) || isForReadersToSend(value)) return payload;
  const data = written(knownAnswer(value));
  return data === undefined ? undefined : { ...payload, data };
}

/**
 * A value as JSON. One that is nested deeper than the call stack bears is none: whoever has a reader key can seal it, and an
 * error here would freeze the keeper that it is sent to.
 */
function written(value: unknown): Uint8Array | undefined {
  try {
    return value === undefined ? undefined : Buffer.from(JSON.stringify(value));
  } catch {
    return undefined;
  }
}
