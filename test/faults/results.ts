import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { TryResult } from './fault-try.js';

/** Where the results of a whole campaign are shown. */
export const RESULTS_PAGE = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url));
const BLOCK = /(<!-- results: begin -->\n)[^]*(<!-- results: end -->)/;

const HEADINGS = [
  'What happens',
  'To',
  'Provider',
  'Tries',
  'Lost',
  'Lost though journaled',
  'Spent twice',
  'Spent twice though journaled',
  'Longest without a valid token',
  'Settled after (median, slowest)',
];

/** Replaces the table in `docs/reliability.md` by these results. */
export async function writeResults(results: readonly TryResult[], seed: number): Promise<void> {
  const page = await readFile(RESULTS_PAGE, 'utf8');
  const block = `${summary(results, seed)}\n\n${table(results)}\n`;
  const written = page.replace(BLOCK, (_, begin: string, end: string) => begin + block + end);
  const style = await resolveConfig(RESULTS_PAGE);
  await writeFile(RESULTS_PAGE, await format(written, { ...style, filepath: RESULTS_PAGE }));
}

function summary(results: readonly TryResult[], seed: number): string {
  const broken = results.filter(({ broken: promises }) => promises.length > 0).length;
  const version = `Node ${process.versions.node}, first seed ${seed}`;
  return `${results.length} refreshes met a fault; the promise was broken ${broken} times. (${version})`;
}

function table(results: readonly TryResult[]): string {
  const groups = new Map<string, TryResult[]>();
  for (const result of results) {
    const name = [result.title, result.victim, result.rotation].join(' | ');
    groups.set(name, [...(groups.get(name) ?? []), result]);
  }
  const rows = [...groups].sort().map(([name, group]) => [name, ...figures(group)]);
  const lines = [HEADINGS, HEADINGS.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function figures(group: readonly TryResult[]): readonly string[] {
  const lost = group.filter(({ end }) => end !== 'fresh');
  const spentTwice = group.filter((result) => result.spentTwice > 0);
  const journaled = (some: readonly TryResult[]): number =>
    some.filter(({ wasJournaled }) => wasJournaled).length;
  const withoutMs = group.filter(({ end }) => end === 'fresh').map((one) => one.withoutTokenMs);
  const settledMs = group.map(({ recoveredAfterMs }) => recoveredAfterMs).sort((a, b) => a - b);
  const medianMs = settledMs[Math.floor(settledMs.length / 2)] ?? 0;
  return [
    String(group.length),
    String(lost.length),
    String(journaled(lost)),
    String(spentTwice.length),
    String(journaled(spentTwice)),
    withoutMs.length === 0 ? 'until a new login' : seconds(Math.max(...withoutMs)),
    `${seconds(medianMs)}, ${seconds(Math.max(...settledMs))}`,
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
