const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does the work. If a signal ends the process meanwhile, `tell` first says what is known. */
export async function tellingWhenInterrupted<T>(
  tell: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const onSignal = (signal: NodeJS.Signals): void => {
    ignore();
    tell();
    // Whoever waits for the process sees that the signal has ended it.
    process.kill(process.pid, signal);
  };
  const ignore = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work();
  } finally {
    ignore();
  }
}
