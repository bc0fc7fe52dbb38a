const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const MONTH = `(?<month>${MONTHS})`;
const TIME = String.raw`(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})`;
/** The three date forms of RFC 9110, section 5.6.7. */
const HTTP_DATES = [
  `(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT`,
  `(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${TIME} GMT`,
  `(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`));

/**
 * Milliseconds since the epoch of a header that is an HTTP date; `undefined` where it is missing or anything else. Read by
 * hand, since `Date.parse` reads years below 50 as of this century, other short ones as of the last, and 31 Feb.
 */
export function httpDateMs(header: string | undefined, nowMs: number): number | undefined {
  const value = header?.trim() ?? '';
  const groups = HTTP_DATES.map((form) => form.exec(value)?.groups).find(Boolean);
  if (groups === undefined) return undefined;
  const { month = '', day, hour, minute, second, year = '' } = groups;
  const fullYear = year.length === 2 ? nearestYear(Number(year), nowMs) : Number(year);
  const midnight = new Date(Date.UTC(fullYear, MONTHS.split('|').indexOf(month), Number(day)));
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  // A leap second has the number 60.
  const exists =
    midnight.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) <= 60;
  return exists ? midnight.getTime() + seconds * 1_000 : undefined;
}

/** The year with these last digits that is at most 50 years ahead (RFC 9110, section 5.6.7). */
function nearestYear(lastDigits: number, nowMs: number): number {
  const latest = new Date(nowMs).getUTCFullYear() + 50;
  return latest - ((latest - lastDigits) % 100);
}
