import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * Waits until a condition holds, looked at ten times a second.
 * @returns whether it came to hold before the deadline
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  deadlineMs: number,
): Promise<boolean> {
  const endsAt = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > endsAt) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** As `until`, but rejects where the condition does not come to hold; `what` names it. */
export async function required(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs: number,
): Promise<void> {
  if (await until(holds, deadlineMs)) return;
  throw new Error(`${what} did not come within ${Math.round(deadlineMs / 1_000)} s`);
}
