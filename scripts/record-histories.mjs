// npm run histories:record: records what keepers of this version do, for the replay tests of later ones.
import { startVitest } from 'vitest/node';

const vitest = await startVitest('test', [], {
  watch: false,
  include: ['test/replay/record-histories.ts'],
  // All keepers at once: most of their time they sleep.
  maxConcurrency: 100,
  testTimeout: 120_000,
});
await vitest.close();
