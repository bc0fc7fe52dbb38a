/** A number with three digits that count. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Number(value.toPrecision(3));
  return Math.abs(digits) >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(digits);
}

/** Bytes in the unit that suits them. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${figure(bytes / 1_000 ** power)} ${units[power] ?? ''}`;
}
