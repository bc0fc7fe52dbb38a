import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Teardown } from '../src/dev-server/teardown.js';
import { ArgumentsError, type BenchArguments, readArguments } from './arguments.mjs';
import { bundleBareLoop } from './bare/bare-loops.js';
import { openBareClient } from './fleet/temporal-client.js';
import { currentCommit } from './measure/commit.js';
import { machineFacts } from './measure/machine.js';
import { Progress } from './measure/progress.js';
import { BenchProvider } from './provider/provider.js';
import type { BenchContext, Question } from './question.js';
import { QUESTIONS } from './questions.js';
import { quietRuntime } from './quiet-runtime.js';
import { type BenchReport, readReports, writeReport } from './report/bench-report.js';
import { writePage } from './report/benchmarks-page.js';
import type { BenchServer } from './server/bench-server.js';
import { startBenchDevServer } from './server/dev-server.js';
import { startProductionServer } from './server/production-server.js';
import { USAGE } from './usage.js';

const MINUTE_MS = 60_000;

/** What was started is ended first. The SDK's runtime hears these signals too, so that none ends the process by itself. */
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => reject(new Error('interrupted')));
  }
});
interrupted.catch(() => undefined);

try {
  process.exitCode = await main(readArguments(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`error: ${textOf(error)}\n`);
  process.exitCode = error instanceof ArgumentsError ? 2 : 1;
}
// What a question that was given up left open must not hold the process.
process.exit();

async function main(wanted: BenchArguments): Promise<number> {
  if (wanted.isHelp) {
    process.stdout.write(USAGE);
    return 0;
  }
  quietRuntime();
  let failures = 0;
  const questions = wanted.questions.flatMap((name) =>
    QUESTIONS.filter((one) => one.name === name),
  );
  for (const question of questions) {
    try {
      await answer(question, wanted);
    } catch (error) {
      failures += 1;
      process.stderr.write(`${question.name}: ${textOf(error)}\n`);
      if (error instanceof Error && error.message === 'interrupted') break;
    }
  }
  const reports = await readReports(wanted.results);
  if (reports.length === 0) return 1;
  await writePage(wanted.page, reports);
  process.stderr.write(`wrote ${wanted.page}\n`);
  return failures === 0 ? 0 : 1;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Asks one question on a server of its own, so that none finds what another left behind. */
async function answer(question: Question, wanted: BenchArguments): Promise<void> {
  const { size, server: kind } = wanted;
  const rounds = wanted.rounds ?? question.rounds[size];
  const progress = new Progress(question.name);
  const teardown = new Teardown();
  const startedAt = new Date();
  const machine = machineFacts();
  const commit = currentCommit();
  try {
    progress.say(`${question.title}, ${size} size, ${rounds} rounds`);
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-bench-'));
    teardown.add(() => rm(folder, { recursive: true, force: true }));
    const server = await startServer(kind, folder, progress);
    teardown.add(() => server.stop());
    progress.say(`${server.name} ${server.version} is up`);
    const client = await openBareClient(server.address);
    teardown.add(() => client.connection.close());
    const provider = await BenchProvider.start();
    teardown.add(() => provider.stop());
    const bareBundle = await bundleBareLoop(folder);
    const context: BenchContext = {
      size,
      rounds,
      server,
      client,
      provider,
      folder,
      bareBundle,
      progress,
      teardown,
    };
    const limitMs = question.limitMinutes[size] * MINUTE_MS;
    const findings = await Promise.race([question.run(context), givenUp(limitMs), interrupted]);
    const report: BenchReport = {
      question: question.name,
      title: question.title,
      asks: question.asks,
      size,
      rounds,
      command: commandOf(question, wanted),
      server: { kind, name: server.name, version: server.version },
      machine,
      ...(commit === undefined ? {} : { commit }),
      startedAt: startedAt.toISOString(),
      seconds: Math.round((Date.now() - startedAt.getTime()) / 1_000),
      comparisons: [],
      checks: [],
      tables: [],
      curves: [],
      notes: [],
      ...findings,
    };
    progress.say(`wrote ${await writeReport(wanted.results, report)}`);
  } finally {
    await teardown.run();
  }
}

function startServer(
  kind: BenchArguments['server'],
  folder: string,
  progress: Progress,
): Promise<BenchServer> {
  return kind === 'dev'
    ? startBenchDevServer(folder)
    : startProductionServer(folder, (line) => progress.say(line));
}

async function givenUp(limitMs: number): Promise<never> {
  await delay(limitMs, undefined, { ref: false });
  throw new Error(`given up after ${limitMs / MINUTE_MS} minutes`);
}

function commandOf({ name }: Question, { size, server, rounds }: BenchArguments): string {
  return [
    `npm run bench -- ${name}`,
    ...(size === 'full' ? [] : [`--${size}`]),
    ...(server === 'dev' ? [] : [`--server ${server}`]),
    ...(rounds === undefined ? [] : [`--rounds ${rounds}`]),
  ].join(' ');
}
