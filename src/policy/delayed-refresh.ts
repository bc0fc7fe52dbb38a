/**
 * Whether an attempt that does not succeed at once tells its keeper. The first one does. Its word may be lost, so others repeat
 * it, ever more rarely: each 1st, 2nd, 4th, 8th and so on.
 * @param attempt number of the attempt in its execution, from 1
 */
export function tellsOfDelay(attempt: number): boolean {
  return Number.isInteger(Math.log2(attempt));
}
