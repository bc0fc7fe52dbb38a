import { InterceptingCall, type Interceptor, Metadata, status } from '@grpc/grpc-js';

type NextCall = Parameters<Interceptor>[1];
type Call = ReturnType<NextCall>;
type Listener = Parameters<Call['start']>[1];

/** What the status of a call says that its connection's end has cut short. */
export const CLOSED = 'the connection was closed';

/**
 * The calls of one connection that are under way. gRPC lets them go on when the connection is closed, until their deadlines, and a
 * retry that waits then throws, out of a timer of the SDK that nobody can catch: it would end the process of whoever reads
 * tokens.
 */
export class OpenCalls {
  readonly #calls = new Set<Call>();
  #isClosed = false;

  /** The SDK's retries, for calls that end as cancelled when the connection is closed. */
  within(retries: Interceptor): Interceptor {
    return (options, nextCall) =>
      retries(options, (finalOptions) =>
        this.#isClosed ? cancelledCall() : this.#counted(nextCall(finalOptions)),
      );
  }

  /** Ends all that are under way; those that come later end at once. */
  close(): void {
    this.#isClosed = true;
    for (const call of this.#calls) call.cancelWithStatus(status.CANCELLED, CLOSED);
  }

  #counted(call: Call): Call {
    return new InterceptingCall(call, {
      start: (metadata, _listener, next) => {
        this.#calls.add(call);
        next(metadata, {
          onReceiveStatus: (ended, pass) => {
            this.#calls.delete(call);
            pass(ended);
          },
        });
      },
    });
  }
}

/** A call that ends as soon as it begins. No retry follows. */
function cancelledCall(): Call {
  return {
    start: (_metadata, listener) => queueMicrotask(() => cancel(listener)),
    cancelWithStatus: () => undefined,
    getPeer: () => '',
    sendMessageWithContext: () => undefined,
    sendMessage: () => undefined,
    startRead: () => undefined,
    halfClose: () => undefined,
    getAuthContext: () => null,
  };
}

function cancel(listener: Listener): void {
  // The SDK's retries end a call only after a message.
  listener?.onReceiveMessage?.(null);
  listener?.onReceiveStatus?.({
    code: status.CANCELLED,
    details: CLOSED,
    metadata: new Metadata(),
  });
}
