import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenQuery } from '../../src/contract/message-definitions.js';
import { LOG_KEYS } from '../../src/contract/names.js';
import { builtInProviders } from '../../src/providers/index.js';
import { FullStack, type Keeper } from '../support/full-stack.js';
import {
  openTimeSkippingNamespace,
  type TimeSkippingNamespace,
  whyNoTimeSkipping,
} from '../support/time-skipping-namespace.js';

/** `npm run faults` lives through 1,000 refreshes of each provider; `npm test` through those of three runs. */
const isWhole = process.env['FAULTS'] === 'all';
const REFRESHES = isWhole ? 1_000 : 45;
const LIFETIME_S = 3_600;
const LIFETIME_MS = LIFETIME_S * 1_000;
const DAY_MS = 86_400_000;
/** A refresh comes every 54 to 55 minutes, so this holds more of them than that. */
const DAYS = isWhole ? 39 : 2;

const missing = await whyNoTimeSkipping();
const title =
  missing === undefined
    ? 'a long life'
    : `a long life, not simulated here [${missing}]: the real server still covers continue-as-new`;

describe.skipIf(missing !== undefined)(title, () => {
  let stack: FullStack;
  const keepers = new Map<string, Keeper>();

  beforeAll(async () => {
    let namespace: TimeSkippingNamespace | undefined;
    stack = await FullStack.open({
      openNamespace: async (options) => (namespace = await openTimeSkippingNamespace(options)),
      useSearchAttributes: false,
      lifetimeSeconds: LIFETIME_S,
    });
    for (const { name } of builtInProviders) {
      keepers.set(name, await stack.startKeeper(stack.spec(name, `life/${name}`)));
    }
    for (let day = 0; day < DAYS; day += 1) await namespace?.sleep(DAY_MS);
  }, 900_000);

  afterAll(() => stack.close());

  it.each(builtInProviders.map(({ name }) => name))(
    `of %s has ${REFRESHES} refreshes over many runs, each used once, and no gap in validity`,
    async (name) => {
      const keeper = keepers.get(name);
      const answer = await keeper?.query(tokenQuery);
      expect(answer?.status).toBe('fresh');
      expect(answer?.generation).toBeGreaterThanOrEqual(REFRESHES);
      expect(stack.standIns.of(name).refreshes).toBe(answer?.generation);

      const expiries = expiriesOf(stack, `life/${name}`);
      expect(expiries).toHaveLength(answer?.generation ?? 0);
      for (const [index, expiry] of expiries.slice(1).entries()) {
        const before = expiries[index] ?? 0;
        expect(expiry).toBeGreaterThan(before);
        expect(expiry - LIFETIME_MS).toBeLessThan(before);
      }
      expect((await keeper?.describe())?.historyLength).toBeLessThan(600);
    },
  );
});

/** When each token of a credential expired, in order, by the worker's log. */
function expiriesOf(stack: FullStack, credentialId: string): number[] {
  return stack.logLines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line[LOG_KEYS.credentialId] === credentialId)
    .flatMap((line) => {
      const expiresAt = line[LOG_KEYS.expiresAt];
      return typeof expiresAt === 'string' ? [Date.parse(expiresAt)] : [];
    });
}
