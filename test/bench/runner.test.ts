import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArguments } from '../../bench/arguments.js';
import { QUESTIONS } from '../../bench/questions.js';
import type { BenchReport } from '../../bench/report/bench-report.js';
import { run } from '../../src/dev-server/child-process.js';
import { shared } from '../support/shared-resources.js';

const SCRIPT = fileURLToPath(new URL('../../scripts/bench.mjs', import.meta.url));
/** The build, a server, and a storm of half a minute; a loaded machine takes several times that. */
const RUN_MS = 600_000;

describe('npm run bench', () => {
  it('asks all questions, or those that are named, and refuses what it does not know', () => {
    expect(readArguments([]).questions).toEqual(QUESTIONS);
    expect(readArguments(['reads']).questions.map(({ name }) => name)).toEqual(['reads']);
    expect(readArguments(['page']).questions).toEqual([]);
    expect(() => readArguments(['speed'])).toThrow('no such question [name=speed]');
    expect(() => readArguments(['--server', 'oracle'])).toThrow('no such server [server=oracle]');
    expect(() => readArguments(['--rounds', 'x'])).toThrow('no number of rounds [rounds=x]');
    expect(() => readArguments(['--quick', '--medium'])).toThrow('either --quick or --medium');
  });

  it('asks at full size unless told otherwise', () => {
    const sizes = [[], ['--medium'], ['--quick']].map((args) => readArguments(args).size);
    expect(sizes).toEqual(['full', 'medium', 'quick']);
  });

  it('keeps quick figures away from the published ones', () => {
    expect(readArguments(['--quick'])).toMatchObject({
      results: 'bench/.quick',
      page: 'bench/.quick/benchmarks.md',
    });
    expect(readArguments([])).toMatchObject({
      results: 'bench/results',
      page: 'docs/benchmarks.md',
    });
  });

  describe('with one question', () => {
    let folder: string;
    const lines: string[] = [];
    beforeAll(async () => {
      // Made in one place for all test files, so that no two of them build at once.
      await shared('commandPath');
      folder = await mkdtemp(join(tmpdir(), 'evertoken-bench-test-'));
      await run(
        process.execPath,
        [SCRIPT, 'storm', '--quick', '--rounds', '1', '--results', folder, '--page', page()],
        { timeoutMs: RUN_MS, onLine: (line) => lines.push(line) },
      );
    }, RUN_MS);
    afterAll(() => rm(folder, { recursive: true, force: true }));
    const page = (): string => join(folder, 'page.md');

    it('says what it does, and writes what it found of every side in every round', async () => {
      const text = await readFile(join(folder, 'storm.dev.json'), 'utf8');
      const report = JSON.parse(text) as BenchReport;
      expect(report).toMatchObject({
        ...{ question: 'storm', size: 'quick', rounds: 1 },
        command: 'npm run bench -- storm --quick --rounds 1',
        server: { kind: 'dev' },
      });
      expect(Object.keys(report.machine)).toContain('cores');
      expect(report.comparisons.map(({ key }) => key)).toEqual([
        'requests',
        'p50',
        'p99',
        'failed',
      ]);
      for (const { sides } of report.comparisons) {
        expect(sides.map(({ side }) => side)).toEqual(['one caller', '100 callers']);
        expect(sides.every(({ values }) => values.length === 1)).toBe(true);
      }
      expect(report.checks).toHaveLength(1);
      expect(lines.join('\n')).toContain('round 1 of 1: 100 callers');
    });

    it('writes the page of what it found', async () => {
      expect(await readFile(page(), 'utf8')).toContain('## A storm of forced refreshes');
    });
  });
});
