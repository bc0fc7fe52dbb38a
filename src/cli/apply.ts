import { Command } from 'commander';
import type { CredentialSpec } from '../contract/credential.js';
import { loadCredentials } from '../credentials/load-credentials.js';
import { builtInProviders } from '../providers/index.js';
import { createProviderRegistry } from '../providers/registry.js';
import { appliedJson, appliedLine } from './applied-text.js';
import { applyCredentials, exitCodeOfAll } from './apply-credentials.js';
import { idArgument } from './arguments.js';
import { commandEnvironment } from './command-environment.js';
import { ReportedFailure } from './command-error.js';
import { outputOption, print, printJson, report } from './output.js';
import type { OutputFormat } from './output.js';
import { withSession } from './session.js';
import { UsageError } from './usage-error.js';

interface ApplyOptions {
  readonly file: string;
  readonly output: OutputFormat;
}

/** `evertoken apply`: starts or updates the keepers of a file. */
export function applyCommand(): Command {
  return new Command('apply')
    .description('start or update the keepers of a credentials file; safe to repeat')
    .requiredOption('-f, --file <file>', 'credentials file, YAML or JSON')
    .addOption(outputOption())
    .action(({ file, output }: ApplyOptions) => applyAll(readSpecs(file), output));
}

/** `evertoken reauthorize`: gives one credential new material. */
export function reauthorizeCommand(): Command {
  return new Command('reauthorize')
    .description('apply one credential of a file, to give it new material')
    .argument('<id>', 'credential id', idArgument)
    .requiredOption('-f, --file <file>', 'credentials file, YAML or JSON')
    .addOption(outputOption())
    .action((id: string, { file, output }: ApplyOptions) => {
      const spec = readSpecs(file).find((candidate) => candidate.id === id);
      if (spec === undefined)
        throw new UsageError(`no such credential in the file [id=${id}, file=${file}]`);
      return applyAll([spec], output);
    });
}

/** Reads a credentials file with the providers that come with evertoken. */
export function readSpecs(file: string): readonly CredentialSpec[] {
  return loadCredentials(file, {
    providers: createProviderRegistry(builtInProviders),
    env: process.env,
  });
}

async function applyAll(specs: readonly CredentialSpec[], output: OutputFormat): Promise<void> {
  const results = await withSession(commandEnvironment(), (session) => {
    report(`applying ${specs.length} credential${specs.length === 1 ? '' : 's'} …`);
    return applyCredentials(session, specs, (result) => {
      if (output === 'text') print(appliedLine(result, Date.now()));
    });
  });
  if (output === 'json') printJson(results.map(appliedJson));
  const exitCode = exitCodeOfAll(results);
  if (exitCode !== 0) throw new ReportedFailure(exitCode);
}
