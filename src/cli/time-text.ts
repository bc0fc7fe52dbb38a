const SECOND_MS = 1_000;
const UNITS = [
  ['d', 86_400 * SECOND_MS],
  ['h', 3_600 * SECOND_MS],
  ['m', 60 * SECOND_MS],
  ['s', SECOND_MS],
] as const;

/** A span in its two largest units, such as `4m 10s`; `0s` below one second. */
export function spanText(spanMs: number): string {
  let rest = Math.max(0, Math.floor(spanMs / SECOND_MS)) * SECOND_MS;
  const parts: string[] = [];
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    if (count > 0 && parts.length < 2) parts.push(`${count}${unit}`);
    rest -= count * unitMs;
  }
  return parts.length === 0 ? '0s' : parts.join(' ');
}

/** When something is, seen from now: `in 4m 10s`, or `12s ago`. */
export function relativeText(atMs: number, nowMs: number): string {
  return atMs > nowMs ? `in ${spanText(atMs - nowMs)}` : `${spanText(nowMs - atMs)} ago`;
}
