import { PROGRESS_INTERVAL_MS } from '../numbers.js';
import { report } from '../output.js';
import { spanText } from '../time-text.js';
import type { AppliedCredential } from './applied-credential.js';

/** How far the application of many credentials has come, as facts. */
export interface ProgressFacts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly elapsedMs: number;
}

const CLEAR_LINE = '\r\u001b[K';

/** Shows progress on standard error: in a terminal as one changing line, elsewhere as a line now and then. */
export class ApplyProgress {
  readonly #total: number;
  readonly #startedAtMs = performance.now();
  readonly #isTerminal = process.stderr.isTTY;
  readonly #timer: NodeJS.Timeout;
  #done = 0;
  #failed = 0;

  constructor(total: number) {
    this.#total = total;
    this.#timer = setInterval(
      () => {
        this.#show();
      },
      this.#isTerminal ? TERMINAL_INTERVAL_MS : PROGRESS_INTERVAL_MS,
    ).unref();
  }

  count({ outcome }: AppliedCredential): void {
    if (outcome === 'failed') this.#failed += 1;
    else this.#done += 1;
  }

  /** Removes the line, so that another one can be printed. */
  clear(): void {
    if (this.#isTerminal) process.stderr.write(CLEAR_LINE);
  }

  end(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #show(): void {
    const line = progressLine({
      total: this.#total,
      done: this.#done,
      failed: this.#failed,
      elapsedMs: performance.now() - this.#startedAtMs,
    });
    if (this.#isTerminal) process.stderr.write(`${CLEAR_LINE}${line}`);
    else report(line);
  }
}

/** How often the line of a terminal changes. */
const TERMINAL_INTERVAL_MS = 500;

/** The line itself, such as `412 of 1000 done, 3 failed, 585 waiting, 61/s, 10s left`. */
export function progressLine({ total, done, failed, elapsedMs }: ProgressFacts): string {
  const settled = done + failed;
  const waiting = total - settled;
  const parts = [`${done} of ${total} done`, `${failed} failed`, `${waiting} waiting`];
  if (settled === 0) return parts.join(', ');
  const perSecond = settled / (elapsedMs / 1_000);
  const left = spanText((waiting / perSecond) * 1_000);
  return [...parts, `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`, `${left} left`].join(', ');
}
