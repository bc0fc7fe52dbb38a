import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import type { ForceRefreshRequest } from '../contract/messages.js';
import { isForOperatorsToSend } from '../contract/payload-checks.js';
import { jsonIn } from '../encryption/payload-json.js';

/** An operator’s force with the time at which it was sealed, which nobody types by hand; anything else as it is. */
export function datedForce(payload: Payload, nowMs: number): Payload {
  const value = jsonIn(payload);
  if (!isForOperatorsToSend(value)) return payload;
  const force = value as ForceRefreshRequest;
  if (force.cuts === undefined || force.wantedAtMs !== undefined) return payload;
  return defaultPayloadConverter.toPayload({ ...force, wantedAtMs: nowMs });
}
