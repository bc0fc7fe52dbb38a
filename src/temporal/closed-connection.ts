import { type Interceptor, Metadata, status } from '@grpc/grpc-js';

type NextCall = Parameters<Interceptor>[1];
type Call = ReturnType<NextCall>;

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

/** A call that ends as soon as it begins. No retry follows. */
function cancelledCall(): Call {
  const details = 'the connection was closed';
  return {
    start: (_metadata, listener) =>
      queueMicrotask(() => {
        // The SDK's retries end a call only after a message.
        listener?.onReceiveMessage?.(null);
        listener?.onReceiveStatus?.({ code: status.CANCELLED, details, metadata: new Metadata() });
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
