import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { applyCommand } from './commands/apply.js';
import { codecCommand } from './commands/codec.js';
import { devCommand } from './commands/dev.js';
import { doctorCommand } from './commands/doctor.js';
import { forgetCommand } from './commands/forget.js';
import { journalCommand } from './commands/journal.js';
import { keysCommand } from './commands/keys.js';
import { listCommand } from './commands/list.js';
import { planCommand } from './commands/plan.js';
import { providersCommand } from './commands/providers.js';
import { reauthorizeCommand } from './commands/reauthorize.js';
import { refreshCommand } from './commands/refresh.js';
import { statusCommand } from './commands/status.js';
import { stopCommand } from './commands/stop.js';
import { tokenCommand } from './commands/token.js';
import { workerCommand } from './commands/worker.js';
import { errorText } from './error-text.js';
import { exitCodeOf } from './exit-codes.js';
import { report } from './output.js';

const HELP_END = `
Results go to standard output, progress and errors to standard error.
Exit codes: 0 done, 1 failed, 2 usage or invalid file, 3 no such credential,
4 permanently failed, 5 Temporal unreachable or no worker answering.

Settings are environment variables: Temporal's own TEMPORAL_*, and EVERTOKEN_*.
Without any, commands use the "evertoken dev" that runs in the same directory.`;

/** Runs the command line and says with which code the process should exit. It throws nothing. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const text = errorText(error, process.env);
    if (text !== undefined) report(text);
    return exitCodeOf(error);
  }
}

function program(): Command {
  const root = new Command('evertoken')
    .description('keeps OAuth-like credentials fresh, on Temporal')
    .version(packageVersion())
    .showHelpAfterError('(--help shows what is possible)')
    .addHelpText('after', HELP_END);
  for (const command of allCommands()) root.addCommand(command);
  throwInsteadOfExit(root);
  return root;
}

/** Every command, in the order in which `--help` shows them. */
export function allCommands(): readonly Command[] {
  return [
    devCommand(),
    workerCommand(),
    applyCommand(),
    tokenCommand(),
    statusCommand(),
    listCommand(),
    refreshCommand(),
    reauthorizeCommand(),
    stopCommand(),
    forgetCommand(),
    codecCommand(),
    keysCommand(),
    journalCommand(),
    providersCommand(),
    planCommand(),
    doctorCommand(),
  ];
}

/** Commander would end the process on its own, with exit code 1 for what is a usage error. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) throwInsteadOfExit(inner);
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
