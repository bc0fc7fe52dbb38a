import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { errorText } from './error-text.js';
import { exitCodeOf } from './exit-codes.js';
import { report } from './output.js';

/**
 * Every command, in the order of the help. A command is loaded only when it is wanted, so a service that runs
 * `evertoken token` does not wait for what `dev` needs.
 */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  dev: async () => (await import('./commands/dev.js')).devCommand(),
  worker: async () => (await import('./commands/worker.js')).workerCommand(),
  apply: async () => (await import('./commands/apply.js')).applyCommand(),
  token: async () => (await import('./commands/token.js')).tokenCommand(),
  status: async () => (await import('./commands/status.js')).statusCommand(),
  list: async () => (await import('./commands/list.js')).listCommand(),
  refresh: async () => (await import('./commands/refresh.js')).refreshCommand(),
  reauthorize: async () => (await import('./commands/reauthorize.js')).reauthorizeCommand(),
  stop: async () => (await import('./commands/stop.js')).stopCommand(),
  forget: async () => (await import('./commands/forget.js')).forgetCommand(),
  codec: async () => (await import('./commands/codec.js')).codecCommand(),
  keys: async () => (await import('./commands/keys.js')).keysCommand(),
  journal: async () => (await import('./commands/journal.js')).journalCommand(),
  providers: async () => (await import('./commands/providers.js')).providersCommand(),
  plan: async () => (await import('./commands/plan.js')).planCommand(),
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
};

const HELP_END = `
Results go to standard output, progress and errors to standard error.
Exit codes: 0 done, 1 failed, 2 usage or invalid file, 3 no such credential,
4 permanently failed, 5 Temporal unreachable or no worker answering.

Settings are environment variables: Temporal's own TEMPORAL_*, and EVERTOKEN_*.
Without any, commands use the "evertoken dev" that runs in the same directory.`;

/** Runs the command line, and returns the code with which the process should exit. It never throws. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const root = await program(args);
    await root.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const text = errorText(error, process.env);
    if (text !== undefined) report(text);
    return exitCodeOf(error);
  }
}

/** The program with the command that the arguments name first. If they name none, it has all commands. */
async function program([name = '']: readonly string[]): Promise<Command> {
  const root = new Command('evertoken')
    .description('keeps OAuth-like credentials fresh, on Temporal')
    .version(packageVersion())
    .showHelpAfterError('(--help shows what is possible)')
    .addHelpText('after', HELP_END);
  const wanted = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const loading = wanted === undefined ? Object.values(COMMANDS) : [wanted];
  const commands = await Promise.all(loading.map((load) => load()));
  for (const command of commands) root.addCommand(command);
  throwInsteadOfExit(root);
  refuseRepeats(root);
  return root;
}

/** Commander would end the process by itself, and with exit code 1 for a usage error. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) throwInsteadOfExit(inner);
}

/** Commander would take the last of several values, and drop the others without a word. */
function refuseRepeats(command: Command): void {
  for (const option of command.options.filter(({ required, optional }) => required || optional)) {
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) command.error(`error: option '${option.flags}' may be given only once`);
      isGiven = true;
    });
  }
  for (const inner of command.commands) refuseRepeats(inner);
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
