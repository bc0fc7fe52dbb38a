const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Parts {
  readonly weekday: string;
  readonly month: string;
  readonly day: number;
  readonly year: number;
  readonly time: string;
}

/** Write a time, in milliseconds since the epoch, in the three forms of RFC 9110, section 5.6.7. */
export const HTTP_DATE_FORMS: readonly ((atMs: number) => string)[] = [imfFixdate, rfc850, asctime];

function imfFixdate(atMs: number): string {
  const { weekday, day, month, year, time } = parts(atMs);
  return `${weekday.slice(0, 3)}, ${padded(day, '0')} ${month} ${year} ${time} GMT`;
}

function rfc850(atMs: number): string {
  const { weekday, day, month, year, time } = parts(atMs);
  return `${weekday}, ${padded(day, '0')}-${month}-${padded(year % 100, '0')} ${time} GMT`;
}

function asctime(atMs: number): string {
  const { weekday, day, month, year, time } = parts(atMs);
  return `${weekday.slice(0, 3)} ${month} ${padded(day, ' ')} ${time} ${year}`;
}

function parts(atMs: number): Parts {
  const at = new Date(atMs);
  return {
    weekday: DAYS[at.getUTCDay()] ?? '',
    month: MONTHS[at.getUTCMonth()] ?? '',
    day: at.getUTCDate(),
    year: at.getUTCFullYear(),
    time: at.toISOString().slice(11, 19),
  };
}

function padded(value: number, filler: string): string {
  return String(value).padStart(2, filler);
}
