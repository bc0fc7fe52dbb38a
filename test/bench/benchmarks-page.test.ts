import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from 'prettier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compare } from '../../bench/measure/comparison.js';
import { type BenchReport, readReports, writeReport } from '../../bench/report/bench-report.js';
import { writePage } from '../../bench/report/benchmarks-page.js';

const REPORT: BenchReport = {
  question: 'turn',
  title: 'What a turn costs',
  asks: 'Keepers against bare loops.',
  size: 'full',
  rounds: 2,
  command: 'npm run bench -- turn',
  server: { kind: 'dev', name: 'dev server', version: '1.2.3' },
  machine: {
    ...{ cores: 2, processor: 'Some processor', memoryGiB: 8, system: 'Some system' },
    ...{ node: 'v20.3.0', loadBefore: 0.1 },
  },
  startedAt: '2026-11-26T10:00:00.000Z',
  seconds: 120,
  comparisons: compare(
    [
      { side: 'bare <loop>', samples: [{ turns: 30 }, { turns: 20 }] },
      { side: 'keeper', samples: [{ turns: 27 }, { turns: 18 }] },
    ],
    [{ key: 'turns', title: 'Turns', unit: 'per second', better: 'more' }],
    'bare <loop>',
  ),
  checks: [{ promise: 'at least 0.85', seen: '0.9', holds: true }],
  tables: [{ title: 'A table', headings: ['Figure', 'Value'], rows: [['one', '1']] }],
  curves: [
    {
      ...{ title: 'A curve', x: 'keepers', y: 'ms' },
      lines: [
        {
          label: 'evicted',
          points: [
            [1_000, 30],
            [10_000, 31],
          ],
        },
      ],
    },
  ],
  notes: ['A note.'],
};

describe('the page of the benchmarks', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evertoken-page-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function page(): Promise<string> {
    const path = join(folder, 'benchmarks.md');
    await writePage(path, await readReports(folder));
    return readFile(path, 'utf8');
  }

  it('is made of the JSON files alone: medians, spread, ratios, checks, and the command that made them', async () => {
    await writeReport(folder, REPORT);
    const text = await page();
    expect(text).toContain('25 (20 – 30)');
    expect(text).toContain('| keeper ');
    expect(text).toContain('| 0.9 ');
    expect(text).toContain('| at least 0.85 | 0.9  | yes   |');
    expect(text).toContain('`npm run bench -- turn`, 2026-11-26: Temporal 1.2.3, 2 cores');
    expect(text).toContain('- A note.');
  });

  it('names the commit, and says that files differed from it', async () => {
    await writeReport(folder, { ...REPORT, commit: { hash: 'abc1234', isChanged: false } });
    expect(await page()).toContain('2026-11-26, commit abc1234: Temporal');
    await writeReport(folder, { ...REPORT, commit: { hash: 'abc1234', isChanged: true } });
    expect(await page()).toContain('2026-11-26, commit abc1234 with changes: Temporal');
  });

  it('needs no other formatting', async () => {
    await writeReport(folder, REPORT);
    expect(await check(await page(), { parser: 'markdown', printWidth: 100 })).toBe(true);
  });

  it('shows a plot of each comparison and curve, in which no text is taken for markup', async () => {
    await writeReport(folder, REPORT);
    const text = await page();
    const plots = await readdir(join(folder, 'benchmarks'));
    expect(plots.sort()).toEqual(['turn-dev-0.svg', 'turn-dev-1.svg']);
    for (const plot of plots) {
      expect(text).toContain(`(benchmarks/${plot})`);
      const svg = await readFile(join(folder, 'benchmarks', plot), 'utf8');
      expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
      expect(svg).not.toContain('NaN');
    }
    const bars = await readFile(join(folder, 'benchmarks/turn-dev-0.svg'), 'utf8');
    expect(bars).toContain('bare &lt;loop>');
  });

  it('says of quick sizes that their figures mean little', async () => {
    await writeReport(folder, { ...REPORT, size: 'quick' });
    expect(await page()).toContain('**Quick sizes');
  });
});
