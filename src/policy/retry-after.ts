import { RETRY_AFTER_MAX_MS } from './numbers.js';

const DELAY_SECONDS = /^\d{1,10}$/;
const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const TIME = String.raw`\d{2}:\d{2}:\d{2}`;
/** The three date forms of RFC 9110, section 5.6.7. */
const HTTP_DATES = [
  new RegExp(String.raw`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (${MONTHS}) \d{4} ${TIME} GMT$`),
  new RegExp(
    String.raw`^(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d{2}-(${MONTHS})-\d{2} ${TIME} GMT$`,
  ),
  new RegExp(String.raw`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (${MONTHS}) [ \d]\d ${TIME} \d{4}$`),
];

/**
 * Milliseconds to wait by a `Retry-After` header (RFC 9110, section 10.2.3), at most `RETRY_AFTER_MAX_MS`.
 * A date is measured against the answer's own `Date` header where it has one, so that no clock of ours counts.
 * Anything else than whole seconds or an HTTP date is ignored: `undefined`.
 */
export function retryAfterMs(
  header: string | undefined,
  dateHeader: string | undefined,
  nowMs: number,
): number | undefined {
  if (header === undefined) return undefined;
  const value = header.trim();
  if (DELAY_SECONDS.test(value)) return capped(Number(value) * 1_000);
  const at = httpDateMs(value);
  if (at === undefined) return undefined;
  const from = (dateHeader === undefined ? undefined : httpDateMs(dateHeader.trim())) ?? nowMs;
  return capped(at - from);
}

function httpDateMs(value: string): number | undefined {
  if (!HTTP_DATES.some((form) => form.test(value))) return undefined;
  const ms = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(ms) ? undefined : ms;
}

function capped(ms: number): number {
  return Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}
