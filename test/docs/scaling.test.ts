import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { planRow } from '../../src/cli/plan-text.js';
import { spanText } from '../../src/cli/time-text.js';
import { parseDuration } from '../../src/credentials/duration.js';
import { MIN_RETENTION_MS } from '../../src/policy/fleet-numbers.js';
import { fleetPlan } from '../../src/policy/fleet-plan.js';

const PAGE = fileURLToPath(new URL('../../docs/scaling.md', import.meta.url));
const BEYOND = ' †';

it('docs/scaling.md shows what evertoken plan calculates, and marks what is beyond what was measured', async () => {
  const page = await readFile(PAGE, 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => /^\| [\d,]+( †)? +\| \d+[smhd] /.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(rows.length).toBeGreaterThan(10);
  for (const [credentialsCell = '', lifetime = '', ...cells] of rows) {
    const credentials = Number(credentialsCell.replace(BEYOND, '').replaceAll(',', ''));
    const plan = fleetPlan({ credentials, lifetimeMs: parseDuration(lifetime) ?? Number.NaN });
    const [first = '', ...rest] = planRow(plan);
    expect([credentialsCell, ...cells]).toEqual([
      `${first}${plan.isBeyondMeasured ? BEYOND : ''}`,
      ...rest,
    ]);
  }
});

it('docs/scaling.md recommends the retention that doctor asks for', async () => {
  const recommended = /Use (\d+) days/.exec(await readFile(PAGE, 'utf8'))?.[1];
  expect(spanText(MIN_RETENTION_MS)).toBe(`${recommended}d`);
});
