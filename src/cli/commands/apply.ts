import { Command, Option } from 'commander';
import type { ApplyOptions } from '../../keepers/apply-result.js';
import type { CredentialSpec } from '../../contract/credential.js';
import { loadCredentials } from '../../credentials/load-credentials.js';
import { readDevKey } from '../../dev-server/dev-key.js';
import { builtInProviders } from '../../providers/index.js';
import { createProviderRegistry } from '../../providers/registry.js';
import { appliedJson, appliedLine } from '../apply/applied-text.js';
import { ApplyProgress } from '../apply/progress.js';
import { applyCredentials, exitCodeOfAll } from '../apply/apply-credentials.js';
import type { AppliedCredential } from '../apply/apply-credentials.js';
import { idArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { ReportedFailure, UsageError } from '../errors.js';
import { EXIT_CODES } from '../exit-codes.js';
import { scopedFile, scopeOption } from '../scoped-file.js';
import { outputOption, print, printJson, report } from '../output.js';
import type { OutputFormat } from '../output.js';
import { printPlan } from '../apply/dry-run.js';
import { agreeToPrune, keepers, prunable, prune, refuseRashPrune } from '../apply/prune.js';
import type { PruneConsent } from '../apply/prune.js';
import { withOwnerSession } from '../session.js';
import type { CliSession } from '../session.js';

interface ReauthorizeOptions {
  readonly wait: boolean;
  readonly file: string;
  readonly secretsDir?: string;
  readonly returnToEarlierLogin?: true;
  readonly output: OutputFormat;
}

interface ApplyCommandOptions extends ReauthorizeOptions, PruneConsent {
  readonly prune?: true;
  readonly scope?: string;
}

/** `evertoken apply`: starts or updates the keepers of a file. */
export function applyCommand(): Command {
  return new Command('apply')
    .description('start or update the keepers of a credentials file; safe to repeat')
    .requiredOption('-f, --file <file>', 'credentials file, YAML or JSON')
    .option('--prune', 'then stop the keepers of credentials that the file does not name')
    .addOption(scopeOption())
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('-y, --yes', 'prune without asking')
    .option('--no-wait', 'do not wait for tokens')
    .addOption(secretsDirOption())
    .addOption(returnOption())
    .addOption(outputOption())
    .action((options: ApplyCommandOptions) =>
      applyFile(readSpecs(options.file, options.secretsDir), options),
    );
}

/** `evertoken reauthorize`: gives one credential new material. */
export function reauthorizeCommand(): Command {
  return new Command('reauthorize')
    .description('apply one credential of a file, to give it new material')
    .argument('<id>', 'credential id', idArgument)
    .requiredOption('-f, --file <file>', 'credentials file, YAML or JSON')
    .addOption(secretsDirOption())
    .addOption(returnOption())
    .option('--no-wait', 'do not wait for the token')
    .addOption(outputOption())
    .action((id: string, options: ReauthorizeOptions) => {
      const { file, secretsDir } = options;
      const spec = readSpecs(file, secretsDir).find((candidate) => candidate.id === id);
      if (spec === undefined)
        throw new UsageError(`no such credential in the file [id=${id}, file=${file}]`);
      return withOwnerSession(commandEnvironment(), (session) =>
        applyAll(session, [spec], options),
      );
    });
}

function returnOption(): Option {
  return new Option(
    '--return-to-earlier-login',
    'also take material of a login that a later one has replaced',
  );
}

function applyOptions({ returnToEarlierLogin }: ReauthorizeOptions): Pick<ApplyOptions, 'returns'> {
  return returnToEarlierLogin === undefined ? {} : { returns: true };
}

/** Reads a credentials file with the providers that come with evertoken. */
export function readSpecs(file: string, secretsDir?: string): readonly CredentialSpec[] {
  return loadCredentials(file, {
    providers: createProviderRegistry(builtInProviders),
    // The key of the dev environment of this directory, which lies below it, is nothing that a file may name either.
    env: { EVERTOKEN_ENCRYPTION_KEYS: readDevKey(), ...process.env },
    ...(secretsDir === undefined ? {} : { secretsDir }),
  });
}

/** The `--secrets-dir` option. */
export function secretsDirOption(): Option {
  return new Option(
    '--secrets-dir <dir>',
    '$file may read below this folder; default: the folder of the credentials file',
  );
}

async function applyFile(
  specs: readonly CredentialSpec[],
  options: ApplyCommandOptions,
): Promise<void> {
  const { prune: isPruning, scope, output, dryRun } = options;
  if (scope !== undefined && !isPruning) throw new UsageError('--scope needs --prune');
  const file = scopedFile(options.file, specs, scope);
  if (isPruning) refuseRashPrune(file, options);
  await withOwnerSession(commandEnvironment(), async (session) => {
    const unnamed = isPruning ? await prunable(session, file) : [];
    if (dryRun) return printPlan(session, specs, unnamed, { output, ...applyOptions(options) });
    await agreeToPrune(unnamed, file, options);
    return applyAll(session, specs, options, unnamed);
  });
}

/** Applies credentials and then, if none of them failed, stops keepers. */
async function applyAll(
  session: CliSession,
  specs: readonly CredentialSpec[],
  options: ReauthorizeOptions,
  stopped: readonly string[] = [],
): Promise<void> {
  const { output } = options;
  report(`applying ${specs.length} credential${specs.length === 1 ? '' : 's'} …`);
  const progress = new ApplyProgress(specs.length);
  const onResult = (result: AppliedCredential): void => {
    progress.clear();
    if (output === 'text') print(appliedLine(result, Date.now()));
    progress.count(result);
  };
  const { wait } = options;
  const applied = await applyCredentials(session, specs, {
    ...applyOptions(options),
    wait,
    onResult,
  }).finally(() => progress.end());
  const hasFailed = exitCodeOfAll(applied) !== EXIT_CODES.done;
  if (hasFailed && stopped.length > 0) {
    report(`${keepers(stopped.length)} not stopped, because a credential of the file failed`);
  }
  const results = [...applied, ...(hasFailed ? [] : await prune(session, stopped, onResult))];
  if (output === 'json') printJson(results.map(appliedJson));
  const exitCode = exitCodeOfAll(results);
  if (exitCode !== EXIT_CODES.done) throw new ReportedFailure(exitCode);
}
