import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Longest text that waits to be written, in characters: minutes of lines of a busy worker. Further lines are dropped. */
const WAITING_MAX_CHARS = 1_024 * 1_024;
/** Pause before a full pipe is tried again: a reader that is only slow has taken some of it by then. */
const PIPE_RETRY_MS = 100;
/** Longest wait at the exit for the reader of a full pipe: none may hold up the end of the process. */
const EXIT_FLUSH_MS = 1_000;
const LINE_END = 0x0a;

/**
 * Writes log lines to an open file, one write after the other, and never makes its caller wait. Lines that cannot be written,
 * as on a full disk, are dropped: a worker must go on refreshing without its log. pino's own destination would try them again
 * for ever, and keep the process from ending.
 */
export class LogStream implements DestinationStream {
  readonly #fd: number;
  #lines: string[] = [];
  #lineChars = 0;
  /** What is left of the lines that are being written. */
  #batch: Uint8Array = new Uint8Array();
  #state: 'idle' | 'writing' | 'pausing' = 'idle';
  /** Whether the file ends within a line, of which the rest is lost. */
  #isTorn = false;
  readonly #onExit = (): void => this.flush();

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(line: string): void {
    if (this.#lineChars + line.length > WAITING_MAX_CHARS) return;
    this.#lines.push(line);
    this.#lineChars += line.length;
    if (this.#state === 'idle') this.#writeNext();
  }

  /** Writes all that waits before it returns, as far as it can be written. */
  flush(): void {
    // What the system is writing already it writes to its end.
    let left = this.#state === 'writing' ? this.#takeLines() : this.#nextBatch();
    const endsAtMs = performance.now() + EXIT_FLUSH_MS;
    while (left.length > 0 && performance.now() < endsAtMs) {
      try {
        left = left.subarray(writeSync(this.#fd, left));
      } catch (error) {
        if (!isPipeFull(error)) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_RETRY_MS);
      }
    }
  }

  #writeNext(): void {
    process.off('exit', this.#onExit);
    this.#state = 'idle';
    this.#batch = this.#nextBatch();
    if (this.#batch.length === 0) return;
    this.#state = 'writing';
    process.on('exit', this.#onExit);
    write(this.#fd, this.#batch, (error, written) => this.#settle(error, written));
  }

  #settle(error: Error | null, written: number): void {
    if (isPipeFull(error)) {
      this.#state = 'pausing';
      setTimeout(() => this.#writeNext(), PIPE_RETRY_MS).unref();
      return;
    }
    if (written > 0) this.#isTorn = this.#batch[written - 1] !== LINE_END;
    this.#batch = error === null ? this.#batch.subarray(written) : new Uint8Array();
    this.#writeNext();
  }

  #nextBatch(): Uint8Array {
    return this.#batch.length > 0 ? this.#batch : this.#takeLines();
  }

  #takeLines(): Uint8Array {
    const text = this.#lines.join('');
    this.#lines = [];
    this.#lineChars = 0;
    return Buffer.from(this.#isTorn && text !== '' ? `\n${text}` : text);
  }
}

function isPipeFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
