import fc from 'fast-check';

/** What a quick run can afford; `npm run faults` asks for 10,000. */
const QUICK_CASES = 200;
/** A slow case of a property over a real connection, on a loaded machine. */
const CASE_MS = 20;
const SETUP_MS = 30_000;

const cases = Number(process.env['PROPERTY_CASES'] ?? QUICK_CASES);
const seed = Number(process.env['PROPERTY_SEED'] ?? 20_261_121);

/** Time for a test that holds one property. */
export const PROPERTY_TIMEOUT_MS = SETUP_MS + cases * CASE_MS;

/** Tries a property on as many cases as this run asks for; a failure names seed and path, to repeat it. */
export async function holds<Given>(property: fc.IRawProperty<Given>): Promise<void> {
  await fc.assert(property, { numRuns: cases, seed });
}
