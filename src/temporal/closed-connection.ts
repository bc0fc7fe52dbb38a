import type { makeGrpcRetryInterceptor } from '@temporalio/client';

type Interceptor = ReturnType<typeof makeGrpcRetryInterceptor>;
type NextCall = Parameters<Interceptor>[1];
type Call = ReturnType<NextCall>;
type RequestMetadata = Parameters<Call['start']>[0];

/** gRPC status CANCELLED, which no retry follows (https://grpc.io/docs/guides/status-codes/). */
const CANCELLED = 1 as Parameters<Call['cancelWithStatus']>[0];

/**
 * The retries, for a connection that may be closed while one of them waits. gRPC then throws, out of a timer of the SDK that
 * nobody can catch: it would end the process of whoever reads tokens. The call ends as cancelled instead.
 */
export function withinConnection(retries: Interceptor): Interceptor {
  return (options, nextCall) => retries(options, unlessClosed(nextCall));
}

function unlessClosed(nextCall: NextCall): NextCall {
  return (options) => {
    try {
      return nextCall(options);
    } catch {
      return cancelledCall();
    }
  };
}

/** A call that ends as soon as it begins. */
function cancelledCall(): Call {
  return {
    start: (metadata, listener) =>
      queueMicrotask(() => {
        // The SDK's retries end a call only after a message.
        listener?.onReceiveMessage?.(null);
        listener?.onReceiveStatus?.({
          code: CANCELLED,
          details: 'the connection was closed',
          metadata: emptied(metadata),
        });
      }),
    cancelWithStatus: () => undefined,
    getPeer: () => '',
    sendMessageWithContext: () => undefined,
    sendMessage: () => undefined,
    startRead: () => undefined,
    halfClose: () => undefined,
    getAuthContext: () => null,
  };
}

/** What a request carries may be an API key, and what a status carries ends in errors. */
function emptied(metadata: RequestMetadata): RequestMetadata {
  const empty = metadata.clone();
  for (const key of Object.keys(empty.getMap())) empty.remove(key);
  return empty;
}
