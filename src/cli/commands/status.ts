import { Command } from 'commander';
import { idArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { outputOption, print, printJson } from '../output.js';
import type { OutputFormat } from '../output.js';
import { withReadSession } from '../session.js';
import { statusJson, statusLines } from '../status-text.js';

/** `evertoken status`: how one credential is, without secrets. */
export function statusCommand(): Command {
  return new Command('status')
    .description('show the state of a credential, without secrets')
    .argument('<id>', 'credential id', idArgument)
    .addOption(outputOption())
    .action(printStatus);
}

async function printStatus(id: string, { output }: { output: OutputFormat }): Promise<void> {
  const answer = await withReadSession(await commandEnvironment(), ({ tokens }) =>
    tokens.status(id),
  );
  if (output === 'json') printJson(statusJson(answer));
  else print(statusLines(answer, Date.now()).join('\n'));
}
