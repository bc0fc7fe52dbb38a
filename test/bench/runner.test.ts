import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUESTION_NAMES, readArguments } from '../../bench/arguments.mjs';
import type * as Provider from '../../bench/provider/provider.js';
import { QUESTIONS } from '../../bench/questions.js';
import type { BenchReport } from '../../bench/report/bench-report.js';
import { run } from '../../src/dev-server/child-process.js';
import { shared } from '../support/shared-resources.js';

const SCRIPT = fileURLToPath(new URL('../../scripts/bench.mjs', import.meta.url));
const BUILT_PROVIDER = fileURLToPath(
  new URL('../../bench/.build/bench/provider/provider.js', import.meta.url),
);
/** The build, a server, and a storm of half a minute; a loaded machine takes several times that. */
const RUN_MS = 600_000;

describe('npm run bench', () => {
  it('asks all questions, or those that are named, and refuses what it does not know', () => {
    expect(QUESTIONS.map(({ name }) => name)).toEqual(QUESTION_NAMES);
    expect(readArguments([]).questions).toEqual(QUESTION_NAMES);
    expect(readArguments(['reads']).questions).toEqual(['reads']);
    expect(readArguments(['page']).questions).toEqual([]);
    expect(() => readArguments(['speed'])).toThrow('no such question [name=speed]');
    expect(() => readArguments(['--server', 'oracle'])).toThrow('no such server [server=oracle]');
    expect(() => readArguments(['--rounds', 'x'])).toThrow('no number of rounds [rounds=x]');
    expect(() => readArguments(['--quick', '--medium'])).toThrow('either --quick or --medium');
  });

  it.each([
    [['speed'], 'no such question [name=speed]; there are turn, '],
    [['--quik'], "Unknown option '--quik'"],
    [['--rounds', '0'], 'no number of rounds [rounds=0]'],
    [['--rounds', '-1'], "Option '--rounds' argument is ambiguous"],
    [['--server', 'nowhere'], 'no such server [server=nowhere]'],
    [['--quick', '--medium'], 'either --quick or --medium'],
    [['page', '--results', '/none'], 'no reports to make the page of [results=/none]'],
  ])('answers %j before any build, in one line and with 2', async (args, problem) => {
    const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    expect([child.exitCode, stdout]).toEqual([2, '']);
    expect(stderr.startsWith(`error: ${problem}`)).toBe(true);
    expect(stderr).toMatch(/^.+ \(--help shows what is possible\)\n$/);
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
    it('rejects what a question that was given up still asks of a provider that has ended', async () => {
      const { BenchProvider } = (await import(
        pathToFileURL(BUILT_PROVIDER).href
      )) as typeof Provider;
      const provider = await BenchProvider.start();
      const granted = provider.granted(1);
      await provider.stop();
      provider.cap(1);
      await expect(granted).rejects.toThrow('the provider ended');
      await expect(provider.grantedCount()).rejects.toThrow('the provider ended');
      await expect(provider.granted(1)).rejects.toThrow('the provider ended');
    });

    const page = (): string => join(folder, 'page.md');

    it('says what it does, and writes what it found of every side in every round', async () => {
      const json = await readFile(join(folder, 'storm.dev.json'), 'utf8');
      const report = JSON.parse(json) as BenchReport;
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
