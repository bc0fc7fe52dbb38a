const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(?<count>\d{1,6})(?<unit>[smhd])$/;

/** How durations are written, for messages to people. */
export const DURATION_FORM = 'a duration such as 30s, 5m, 12h or 1d';

/** Milliseconds of a duration such as `30s`, `5m`, `12h` or `1d`; `undefined` for any other text. */
export function parseDuration(text: string): number | undefined {
  const groups = DURATION.exec(text)?.groups;
  const unit = groups?.['unit'];
  if (unit === undefined) return undefined;
  return Number(groups?.['count']) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
