import { Command } from 'commander';
import { spanArgument } from '../arguments.js';
import { secretsDirOption } from '../credentials-file.js';
import { type DevOptions, runDev } from '../dev/run-dev.js';
import { ENOUGH_REFRESHES } from '../numbers.js';

/** `evertoken dev`: everything on this machine, to try it out. */
export function devCommand(): Command {
  return new Command('dev')
    .description('run server, worker and stand-ins of the providers here, until Ctrl-C')
    .option('-f, --file <file>', 'keep the credentials of a file instead of the stand-ins’')
    .addOption(secretsDirOption())
    .option(
      '--for <duration>',
      `end after this time, with 0 if every credential was refreshed ${ENOUGH_REFRESHES} times`,
      spanArgument,
    )
    .addHelpText(
      'after',
      '\nKeeps its database, key and logs in .evertoken; the next start goes on from there.' +
        '\nWith TEMPORAL_ADDRESS it uses that server.',
    )
    .action(async (options: DevOptions) => {
      // Loaded only here, since the worker and the HTTP server would cost every other command a second.
      await runDev(options, async (start) =>
        (await import('../dev/environment.js')).startDevEnvironment(start),
      );
    });
}
