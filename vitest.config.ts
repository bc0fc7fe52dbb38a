import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // The SDK's native code belongs to one thread of a process.
    pool: 'forks',
    // Files of one process share what they import: loading Temporal's SDK for each anew took a quarter of the whole run.
    isolate: false,
    // Tests on servers mostly wait; vitest's default would leave a core out.
    maxWorkers: availableParallelism() + 1,
    // What is asked of a keeper costs its worker and the server more than what it waits for; vitest's default is 50 ms.
    // Like the limits below, the timeout is for a loaded machine with nothing cached, not what a test takes.
    expect: { poll: { interval: 200, timeout: 60_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});
