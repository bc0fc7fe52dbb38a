/**
 * Takes steps one after the other, whatever becomes of each. Then rejects with the first error: later ones are mostly its
 * consequence, and would hide it.
 */
export async function inTurn(steps: readonly (() => Promise<void>)[]): Promise<void> {
  const outcomes: PromiseSettledResult<void>[] = [];
  for (const step of steps) outcomes.push(...(await Promise.allSettled([step()])));
  const broken = outcomes.find((outcome) => outcome.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
}
