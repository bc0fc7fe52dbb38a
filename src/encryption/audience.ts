import { METADATA_ENCODING_KEY } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import {
  isForOperatorsToSend,
  isForReadersToRead,
  isForReadersToSend,
} from '../contract/payload-checks.js';
import type { Purpose } from './key-path.js';

/** What a payload is sealed for: for readers only what holds nothing that they may not know or do. */
export function purposeOf(payload: Payload, workflowId: string | undefined): Purpose {
  if (workflowId === undefined) return 'operator';
  const value = jsonIn(payload);
  return isForReadersToRead(value) || isForReadersToSend(value) ? 'reader' : 'owner';
}

/** Whether a payload is one that may be sealed for this purpose: a reader's key seals no material. */
export function isFitFor(purpose: Purpose, payload: Payload): boolean {
  switch (purpose) {
    case 'owner':
    case 'journal':
      return true;
    case 'reader': {
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
