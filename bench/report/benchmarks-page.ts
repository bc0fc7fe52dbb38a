import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Comparison } from '../measure/comparison.js';
import type { Check, ResultTable } from '../question.js';
import type { BenchReport } from './bench-report.js';
import { figure } from './figures.js';
import { markdownTable } from './markdown-table.js';
import { barPlot, linePlot } from './svg-plot.js';

const INTRODUCTION = `# Benchmarks

\`npm run bench\` measures all of this anew and writes this page; \`npm run bench -- reads\` asks one question. What is compared ran in turn,
A B B A, on the same server and the same machine. A figure is the median over the rounds, with the least and the greatest in parentheses;
a ratio is taken within each round, to the side whose ratio is 1. The JSON files beside the benchmarks hold every value.
`;

/** Writes the page and its plots, which go into a folder named as the page. */
export async function writePage(page: string, reports: readonly BenchReport[]): Promise<void> {
  const plotFolder = page.replace(/\.md$/, '');
  await rm(plotFolder, { recursive: true, force: true });
  await mkdir(plotFolder, { recursive: true });
  const sections = await Promise.all(
    reports.map((report) => section(report, dirname(page), basename(plotFolder))),
  );
  await writeFile(page, [INTRODUCTION, ...sections].join('\n'));
}

async function section(report: BenchReport, folder: string, plots: string): Promise<string> {
  const { question, server, title, asks, comparisons, checks, tables, curves, notes } = report;
  const plot = async (index: number, name: string, svg: string): Promise<string> => {
    const file = `${plots}/${question}-${server.kind}-${index}.svg`;
    await writeFile(join(folder, file), svg);
    return `![${name}](${file})`;
  };
  const compared = await Promise.all(
    comparisons.map(async (comparison, index) =>
      comparison.sides.length < 2 ? '' : plot(index, comparison.title, barPlot(comparison)),
    ),
  );
  const drawn = await Promise.all(
    curves.map((curve, index) => plot(comparisons.length + index, curve.title, linePlot(curve))),
  );
  return [
    `## ${title} (${server.name})`,
    asks,
    factsLine(report),
    checks.length === 0 ? '' : checkTable(checks),
    comparisons.length === 0 ? '' : comparisonTable(comparisons),
    ...tables.map(resultTable),
    ...compared,
    ...drawn,
    notes.map((note) => `- ${note}`).join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

function factsLine({
  machine,
  server,
  size,
  rounds,
  seconds,
  startedAt,
  command,
  commit,
}: BenchReport): string {
  const { cores, processor, memoryGiB, system, node, loadBefore } = machine;
  return (
    `\`${command}\`, ${startedAt.slice(0, 10)}${commitText(commit)}: Temporal ${server.version}, ${cores} cores (${processor}), ${memoryGiB} GiB, ${system}, ` +
    `Node.js ${node}; load before ${loadBefore}; ${rounds} rounds in ${Math.round(seconds / 60)} min` +
    (size === 'quick' ? '. **Quick sizes: the figures show that it runs, and mean little.**' : '.')
  );
}

function commitText(commit: BenchReport['commit']): string {
  if (commit === undefined) return '';
  return `, commit ${commit.hash}${commit.isChanged ? ' with changes' : ''}`;
}

function checkTable(checks: readonly Check[]): string {
  return markdownTable(
    ['Promised', 'Seen', 'Holds'],
    checks.map(({ promise, seen, holds }) => [promise, seen, holds ? 'yes' : '**no**']),
  );
}

function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap(({ title, unit, sides, ratios }) =>
    sides.map(({ side, median, low, high }) => {
      const ratio = ratios.find(({ of }) => of === side);
      const isBase = ratios.some(({ against }) => against === side);
      return [
        `${title} (${unit})`,
        side,
        spread(median, low, high),
        ratio === undefined ? (isBase ? '1' : '') : spread(ratio.median, ratio.low, ratio.high),
      ];
    }),
  );
  return markdownTable(['Figure', 'Of', 'Median', 'Ratio'], rows);
}

function resultTable({ title, headings, rows }: ResultTable): string {
  return `**${title}**\n\n${markdownTable(headings, rows)}`;
}

function spread(median: number, low: number, high: number): string {
  return low === high ? figure(median) : `${figure(median)} (${figure(low)} – ${figure(high)})`;
}
