import { STOP_SIGNALS } from '../../contract/stop-signals.js';
import { outputWritten } from '../exit-once-written.js';

/** Does the work. If a signal ends the process meanwhile, `tell` first says what is known. A second signal ends it at once. */
export async function tellingWhenInterrupted<T>(
  tell: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const interrupted = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    interrupted.abort();
    ignore();
    tell();
    // A pipe takes some 64 KB at once. What it has not taken yet would die with the process.
    void outputWritten().then(() => {
      // Whoever waits for the process sees that the signal has ended it.
      process.kill(process.pid, signal);
    });
  };
  const ignore = (): void => {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  try {
    return await work();
  } finally {
    ignore();
    // What is known was told. Whoever called would tell it once more.
    if (interrupted.signal.aborted) await new Promise(() => undefined);
  }
}
