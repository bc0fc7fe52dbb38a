/** Who waits for a signal, and the one listener that tells them. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly tellAll: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls back once the signal fires, unless the function that is returned is called before. All who wait for one signal share a listener, since
 * Node.js warns of a leak from the eleventh on: a service may give the signal of its own end to every read.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, tellAll } = waitingFor.get(signal) ?? listening(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0) return;
    signal.removeEventListener('abort', tellAll);
    waitingFor.delete(signal);
  };
}

function listening(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const tellAll = (): void => {
    for (const callback of callbacks) callback();
  };
  const waiting = { callbacks, tellAll };
  signal.addEventListener('abort', tellAll, { once: true });
  waitingFor.set(signal, waiting);
  return waiting;
}
