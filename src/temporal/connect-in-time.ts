import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { isGrpcServiceError } from '@temporalio/client';
import { TEMPORAL_CALL_DEADLINE_MS } from './numbers.js';

const REFUSED_STATUSES: readonly status[] = [status.UNAUTHENTICATED, status.PERMISSION_DENIED];
/** The same two in the words of the SDK's native connection, which tells no status. */
const REFUSED_WORDS = /does not have (?:valid authentication credentials|permission)/;

/** Temporal could not be reached or did not let us in. The message names the address and nothing secret. */
export class TemporalUnreachableError extends Error {
  override readonly name = 'TemporalUnreachableError';
  /** `refused`: the server answered, but not to this API key or certificate. */
  readonly reason: 'no_answer' | 'refused';
  readonly address: string;

  constructor(reason: 'no_answer' | 'refused', address: string) {
    super(
      reason === 'refused'
        ? `temporal refuses the API key or certificate [address=${address}]`
        : `temporal cannot be reached [address=${address}]`,
    );
    this.reason = reason;
    this.address = address;
  }
}

/**
 * The connection, if it stands within the deadline; else rejects with a `TemporalUnreachableError`.
 * The SDK's native connection would wait for ever on a server that accepts and never answers.
 */
export async function connectInTime<C extends { close(): Promise<void> }>(
  address: string,
  connecting: Promise<C>,
  deadlineMs = TEMPORAL_CALL_DEADLINE_MS,
): Promise<C> {
  const timer = new AbortController();
  const deadline = delay(deadlineMs, undefined, { signal: timer.signal });
  try {
    const connection = await Promise.race([connecting, deadline]);
    if (connection !== undefined) return connection;
  } catch (error) {
    throw unreachable(address, error);
  } finally {
    timer.abort();
  }
  // Nobody waits for one that comes later.
  connecting.then((late) => late.close()).catch(() => undefined);
  throw unreachable(address);
}

function unreachable(address: string, error?: unknown): TemporalUnreachableError {
  return new TemporalUnreachableError(refusesLogin(error) ? 'refused' : 'no_answer', address);
}

function refusesLogin(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = isGrpcServiceError(error.cause) ? error.cause.code : undefined;
  return code === undefined ? REFUSED_WORDS.test(error.message) : REFUSED_STATUSES.includes(code);
}
