import { defined } from '../../contract/defined.js';
import { loadNamedCredentials } from '../../credentials/load-credentials.js';
import { dateText } from '../../policy/date-text.js';
import { commandEnvironment } from '../command-environment.js';
import { errorText } from '../error-text.js';
import { ReportedFailure, UsageError } from '../errors.js';
import { EXIT_CODES } from '../exit-codes.js';
import { print, printJson } from '../output.js';
import type { OutputFormat } from '../output.js';
import { scopedFile } from '../scoped-file.js';
import type { ScopedFile } from '../scoped-file.js';
import { outputUnread } from '../unread-output.js';
import { examine } from './examination.js';
import { exitCodeOfFindings, findingLine } from './finding.js';
import type { Finding } from './finding.js';
import { watch } from './watch.js';

export interface DoctorOptions {
  readonly file?: string;
  readonly scope?: string;
  /** Milliseconds between two looks. */
  readonly watch?: number;
  readonly timeout: number;
  readonly quiet?: true;
  readonly output: OutputFormat;
}

/** Prints what one look finds. */
export async function lookOnce(options: DoctorOptions): Promise<void> {
  const { quiet, output } = options;
  const isShown = ({ level }: Finding): boolean => quiet === undefined || level === 'fail';
  const { signal } = new AbortController();
  const found = await look(options, await commandEnvironment(), signal, (finding) => {
    if (output === 'text' && isShown(finding)) print(findingLine(finding));
  });
  const shown = found.filter(isShown);
  // Cron sends mail for anything at all, so also for an empty list.
  if (output === 'json' && (quiet === undefined || shown.length > 0)) printJson(shown);
  exitWith(exitCodeOfFindings(found));
}

/** Looks again and again until an interrupt, or until nobody reads it, and prints what changes. */
export async function keepLooking(options: DoctorOptions, intervalMs: number): Promise<void> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const signal = AbortSignal.any([interrupt.signal, outputUnread]);
  const env = await commandEnvironment();
  const found = await watch({
    look: () => look(options, env, signal),
    onChange: (change) => {
      const at = dateText(Date.now());
      if (options.output === 'text') print(`${at}  ${findingLine(change)}`);
      else print(JSON.stringify({ at, ...change }));
    },
    explain: (error) => errorText(error, process.env) ?? '',
    intervalMs,
    signal,
  });
  // The exit code says how things were last. Before the first look nothing was known.
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
      ...defined({ file }),
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
