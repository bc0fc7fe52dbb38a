import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BORDER_RULES = [
  'import-x/no-restricted-paths',
  'import-x/no-default-export',
  'no-console',
  'no-restricted-globals',
  'no-restricted-imports',
  'no-restricted-properties',
];

const eslint = new ESLint({
  cwd: ROOT,
  // Borders need no types, and a file that does not exist has none.
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => BORDER_RULES.includes(ruleId),
});

/** Rules that a file of this room would break with this line. */
async function broken(room: string, code: string): Promise<string[]> {
  const filePath = join(ROOT, 'src', room, 'made-up.ts');
  const results = await eslint.lintText(code, { filePath });
  const rules = results.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId ?? 'parse'));
  return [...new Set(rules)];
}

describe('the import zones', () => {
  it.each([
    ['contract', '../policy/attempt-numbers.js'],
    ['policy', '../providers/port.js'],
    ['workflows', '../activities/ports.js'],
    ['workflows', '../journal/port.js'],
    ['providers', '../journal/port.js'],
    ['journal', '../providers/port.js'],
    ['encryption', '../journal/sqlite-journal.js'],
    ['telemetry', '../activities/ports.js'],
    ['activities', '../workflows/index.js'],
    ['client', '../workflows/index.js'],
    ['cli', '../workflows/index.js'],
    ['cli', '../activities/ports.js'],
    ['client', '../cli/exit-codes.js'],
    ['client', '../worker.js'],
    ['client', '../temporal/connection.js'],
    ['client', '../keepers/administration.js'],
    ['keepers', '../client/token-client.js'],
    ['keepers', '../settings/config.js'],
    ['keepers', '../journal/port.js'],
    ['settings', '../temporal/connection.js'],
    ['temporal', '../keepers/runs.js'],
    ['credentials', '../settings/config.js'],
    ['codec-server', '../activities/ports.js'],
    ['stand-ins', '../keepers/runs.js'],
    ['dev-server', '../cli/output.js'],
    ['worker', '../activities/ports.js'],
    ['.', './workflows/index.js'],
  ])('keep %s from importing %s, also for its types', async (room, path) => {
    expect(await broken(room, `import { x } from '${path}'; void x;`)).toEqual([
      'import-x/no-restricted-paths',
    ]);
    expect(await broken(room, `import type { X } from '${path}'; export type Y = X;`)).toEqual([
      'import-x/no-restricted-paths',
    ]);
  });

  it.each([
    ['policy', '../contract/names.js'],
    ['workflows', '../policy/attempt-numbers.js'],
    ['providers', '../policy/attempt-numbers.js'],
    ['activities', '../providers/port.js'],
    ['activities', '../settings/own-secrets.js'],
    ['keepers', '../client/keeper-port.js'],
    ['settings', '../journal/journal-location.js'],
    ['encryption', '../journal/port.js'],
    ['cli', '../worker.js'],
  ])('let %s import %s', async (room, path) => {
    expect(await broken(room, `import { x } from '${path}'; void x;`)).toEqual([]);
  });

  it.each([
    ['contract', 'node:crypto'],
    ['contract', 'zod'],
    ['contract', '@temporalio/client'],
    ['policy', '@temporalio/workflow'],
    ['policy', 'node:timers'],
    ['workflows', '@temporalio/activity'],
    ['workflows', 'node:fs'],
    ['providers', '@temporalio/common'],
  ])('keep %s from importing the package %s', async (room, name) => {
    expect(await broken(room, `import { x } from '${name}'; void x;`)).toEqual([
      'no-restricted-imports',
    ]);
  });

  it.each([
    ['workflows', '@temporalio/workflow'],
    ['workflows', '@temporalio/common'],
    ['contract', '@temporalio/workflow'],
    ['providers', 'zod'],
  ])('let %s import the package %s', async (room, name) => {
    expect(await broken(room, `import { x } from '${name}'; void x;`)).toEqual([]);
  });

  it('keep the clock and chance out of policy, the process out of workflows, and the console for the command', async () => {
    expect(await broken('policy', 'Date.now();')).toEqual(['no-restricted-properties']);
    expect(await broken('policy', 'Math.random();')).toEqual(['no-restricted-properties']);
    expect(await broken('workflows', 'void process.env;')).toEqual(['no-restricted-globals']);
    expect(await broken('client', 'console.log(1);')).toEqual(['no-console']);
    expect(await broken('cli', 'console.log(1);')).toEqual([]);
    expect(await broken('client', 'export default 1;')).toEqual(['import-x/no-default-export']);
  });
});
