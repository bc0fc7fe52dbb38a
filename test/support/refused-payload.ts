/** Whether a worker reads this in place of a payload that it does not believe. */
export function isRefused(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'evertokenRefused' in value;
}
