/** The promise, unless the signal fires first: then rejects with its reason. The work itself goes on for others. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whoever stops waiting no longer hears of its failure, which must not end the process.
  work.catch(() => undefined);
  signal.throwIfAborted();
  const { promise: aborted, reject } = withRejector();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function withRejector(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}
