import { Command } from 'commander';
import { durationArgument, idArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { outputOption, print, printJson } from '../output.js';
import type { OutputFormat } from '../output.js';
import { withReadSession } from '../session.js';

interface TokenOptions {
  readonly minValidity?: number;
  readonly output: OutputFormat;
}

/** `evertoken token`: prints a token, alone, for `$(…)`. */
export function tokenCommand(): Command {
  return new Command('token')
    .description('print the current token, refreshed first where that is needed')
    .argument('<id>', 'credential id', idArgument)
    .option('--min-validity <duration>', 'how long the token must still live', durationArgument)
    .addOption(outputOption())
    .action(printToken);
}

async function printToken(id: string, { minValidity, output }: TokenOptions): Promise<void> {
  const found = await withReadSession(await commandEnvironment(), ({ tokens }) =>
    tokens.get(id, minValidity === undefined ? {} : { minValidityMs: minValidity }),
  );
  if (output === 'text') {
    print(found.token);
    return;
  }
  printJson(found);
}
