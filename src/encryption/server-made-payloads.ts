import type { Payload, SerializationContext } from '@temporalio/common';
import { jsonText } from './payload-json.js';

/**
 * JSON of the payloads that the Temporal server writes by itself and that reach a worker. The server has no
 * key, so they are not sealed; a codec that refused them would fail the workflow task for ever.
 *
 * `ACTIVITY_ID_NOT_STARTED`: details of an activity that is cancelled while it waits for a worker or for its
 * next attempt (`workflow_task_completed_handler.go` of temporalio/temporal). Other texts of the server, such as
 * the details of a termination, are never given to a codec.
 */
const SERVER_MADE_JSON: ReadonlySet<string> = new Set(['"ACTIVITY_ID_NOT_STARTED"']);

/**
 * Whether a payload is one of the literal texts of the Temporal server, where the server writes them. It can carry
 * nothing else. Without a context, as in the codec server, it is only shown.
 */
export function isServerMade(payload: Payload, context: SerializationContext | undefined): boolean {
  if (context !== undefined && context.type !== 'activity') return false;
  return SERVER_MADE_JSON.has(jsonText(payload) ?? '');
}
