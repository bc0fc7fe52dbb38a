import { Command } from 'commander';
import { applyAll } from '../apply/apply-all.js';
import { returnOption, returnsOf } from '../apply/return-option.js';
import type { ReturnOption } from '../apply/return-option.js';
import { idArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { readSpecs, secretsDirOption } from '../credentials-file.js';
import { UsageError } from '../errors.js';
import { outputOption } from '../output.js';
import type { OutputFormat } from '../output.js';
import { withOwnerSession } from '../session.js';

interface ReauthorizeOptions extends ReturnOption {
  readonly file: string;
  readonly secretsDir?: string;
  readonly wait: boolean;
  readonly output: OutputFormat;
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
    .action(async (id: string, options: ReauthorizeOptions) => {
      const { file, secretsDir, wait, output } = options;
      const [spec] = readSpecs(file, secretsDir, id);
      if (spec === undefined)
        throw new UsageError(`no such credential in the file [id=${id}, file=${file}]`);
      return withOwnerSession(await commandEnvironment(), (session) =>
        applyAll(session, [spec], { wait, output, ...returnsOf(options) }),
      );
    });
}
