import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { planRow } from '../../src/cli/plan-text.js';
import { parseDuration } from '../../src/credentials/duration.js';
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
