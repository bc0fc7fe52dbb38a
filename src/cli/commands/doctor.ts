import { Command, InvalidArgumentError, Option } from 'commander';
import { loadNamedCredentials } from '../../credentials/load-credentials.js';
import {
  EXAMINATION_TIMEOUT_MS,
  WATCH_INTERVAL_MIN_MS,
  WATCH_INTERVAL_MS,
} from '../../policy/numbers.js';
import { durationArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { ReportedFailure, UsageError } from '../errors.js';
import { examine } from '../doctor/examination.js';
import type { Finding } from '../doctor/finding.js';
import { exitCodeOfFindings, findingLine } from '../doctor/finding.js';
import { watch } from '../doctor/watch.js';
import { errorText } from '../error-text.js';
import { EXIT_CODES } from '../exit-codes.js';
import { scopedFile, scopeOption } from '../scoped-file.js';
import type { ScopedFile } from '../scoped-file.js';
import { outputOption, print, printJson } from '../output.js';
import type { OutputFormat } from '../output.js';
import { spanText, timeText } from '../time-text.js';

interface DoctorOptions {
  readonly file?: string;
  readonly scope?: string;
  /** Milliseconds between two looks. */
  readonly watch?: number;
  readonly timeout: number;
  readonly quiet?: true;
  readonly output: OutputFormat;
}

/** `evertoken doctor`: looks for what would keep credentials from being refreshed. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check server, keys, workers, and whether every credential is kept and refreshed')
    .option('-f, --file <file>', 'also find credentials of this file that nobody keeps')
    .addOption(scopeOption())
    .addOption(
      new Option('--watch [interval]', 'look again and again; print only what changes')
        .argParser(intervalArgument)
        .preset(`${WATCH_INTERVAL_MS / 1_000}s`)
        .conflicts('quiet'),
    )
    .addOption(
      new Option('--timeout <duration>', 'longest time for one look')
        .argParser(durationArgument)
        .default(EXAMINATION_TIMEOUT_MS, spanText(EXAMINATION_TIMEOUT_MS)),
    )
    .option('-q, --quiet', 'print only what failed')
    .addOption(outputOption())
    .action((options: DoctorOptions) =>
      options.watch === undefined ? lookOnce(options) : keepLooking(options, options.watch),
    );
}

async function lookOnce(options: DoctorOptions): Promise<void> {
  const { quiet, output } = options;
  const isShown = ({ level }: Finding): boolean => quiet === undefined || level === 'fail';
  const { signal } = new AbortController();
  const found = await look(options, commandEnvironment(), signal, (finding) => {
    if (output === 'text' && isShown(finding)) print(findingLine(finding));
  });
  if (output === 'json') printJson(found.filter(isShown));
  exitWith(exitCodeOfFindings(found));
}

async function keepLooking(options: DoctorOptions, intervalMs: number): Promise<void> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const { signal } = interrupt;
  const env = commandEnvironment();
  const found = await watch({
    look: () => look(options, env, signal),
    onChange: (change) => {
      const at = timeText(Date.now());
      if (options.output === 'text') print(`${at}  ${findingLine(change)}`);
      else print(JSON.stringify({ at, ...change }));
    },
    explain: (error) => errorText(error, process.env) ?? '',
    intervalMs,
    signal,
  });
  // Whoever ends a watch learns how things were; before the first look nothing was known.
  exitWith(found === undefined ? EXIT_CODES.unavailable : exitCodeOfFindings(found));
}

async function look(
  options: DoctorOptions,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  onFinding: (finding: Finding) => void = () => undefined,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const file = fileOf(options);
  await examine(
    {
      env,
      ...(file === undefined ? {} : { file }),
      timeoutMs: options.timeout,
      signal,
    },
    (finding) => {
      found.push(finding);
      onFinding(finding);
    },
  );
  return found;
}

/** Read anew for each look, so that a watch follows the file. */
function fileOf({ file, scope }: DoctorOptions): ScopedFile | undefined {
  if (file !== undefined) return scopedFile(file, loadNamedCredentials(file), scope);
  if (scope !== undefined) throw new UsageError('--scope needs -f FILE');
  return undefined;
}

function exitWith(exitCode: number): void {
  if (exitCode !== EXIT_CODES.done) throw new ReportedFailure(exitCode);
}

function intervalArgument(text: string): number {
  const ms = durationArgument(text);
  if (ms < WATCH_INTERVAL_MIN_MS) throw new InvalidArgumentError('It must be 1s or more.');
  return ms;
}
