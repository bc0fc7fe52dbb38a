import { NativeConnection } from '@temporalio/worker';
import { connectInTime } from './connect-in-time.js';
import type { TemporalTarget } from './connection.js';

/**
 * Connects a worker. Rejects with a `TemporalUnreachableError` within `TEMPORAL_CALL_DEADLINE_MS`. It has a file of its
 * own, so that services that only read tokens do not load the SDK's native worker.
 */
export function openNativeConnection(target: TemporalTarget): Promise<NativeConnection> {
  // What is sealed gets no smaller, and each call that is compressed takes 0.4 MB of memory, which then falls to pieces.
  const options = { ...target.options, grpcCompression: { codec: 'none' } as const };
  return connectInTime(target.address, NativeConnection.connect(options));
}
