import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Commit } from '../measure/commit.js';
import type { MachineFacts } from '../measure/machine.js';
import type { Findings, Size } from '../question.js';

/** One run of one question, as it rests in its file. */
export interface BenchReport extends Required<Findings> {
  readonly question: string;
  readonly title: string;
  readonly asks: string;
  readonly size: Size;
  readonly rounds: number;
  /** What made these figures. */
  readonly command: string;
  readonly server: { readonly kind: string; readonly name: string; readonly version: string };
  readonly machine: MachineFacts;
  /** Older reports lack it, and those that were made without Git. */
  readonly commit?: Commit;
  readonly startedAt: string;
  readonly seconds: number;
}

/** Writes a report to the file of its question and server, in place of the one before. */
export async function writeReport(folder: string, report: BenchReport): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${report.question}.${report.server.kind}.json`);
  await writeFile(path, `${JSON.stringify(report, undefined, 2)}\n`);
  return path;
}

/** The reports in a folder; none where a first run broke off before it made the folder. */
export async function readReports(folder: string): Promise<readonly BenchReport[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(
      async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as BenchReport,
    ),
  );
}
