import { Command } from 'commander';
import type { CredentialSpec } from '../../contract/credential.js';
import { applyAll } from '../apply/apply-all.js';
import { printPlan } from '../apply/dry-run.js';
import { agreeToPrune, prunable, refuseRashPrune } from '../apply/prune.js';
import type { PruneConsent } from '../apply/prune.js';
import { returnOption, returnsOf } from '../apply/return-option.js';
import type { ReturnOption } from '../apply/return-option.js';
import { commandEnvironment } from '../command-environment.js';
import { readSpecs, secretsDirOption } from '../credentials-file.js';
import { UsageError } from '../errors.js';
import { outputOption } from '../output.js';
import type { OutputFormat } from '../output.js';
import { scopedFile, scopeOption } from '../scoped-file.js';
import { withOwnerSession } from '../session.js';

interface ApplyCommandOptions extends PruneConsent, ReturnOption {
  readonly file: string;
  readonly secretsDir?: string;
  readonly prune?: true;
  readonly scope?: string;
  readonly wait: boolean;
  readonly output: OutputFormat;
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

async function applyFile(
  specs: readonly CredentialSpec[],
  options: ApplyCommandOptions,
): Promise<void> {
  const { prune: isPruning, scope, output, wait, dryRun } = options;
  if (scope !== undefined && !isPruning) throw new UsageError('--scope needs --prune');
  const file = scopedFile(options.file, specs, scope);
  if (isPruning) refuseRashPrune(file, options);
  await withOwnerSession(await commandEnvironment(), async (session) => {
    const unnamed = isPruning ? await prunable(session, file) : [];
    if (dryRun) return printPlan(session, specs, unnamed, { output, ...returnsOf(options) });
    await agreeToPrune(unnamed, file, options);
    return applyAll(session, specs, { wait, output, ...returnsOf(options) }, unnamed);
  });
}
