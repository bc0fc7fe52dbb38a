import { Command } from 'commander';
import { idArgument, journalArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { forget, type ForgetOptions } from '../journal/forget.js';
import { withOwnerSession } from '../session.js';

/** `evertoken forget`: removes all that is known of a credential that was stopped. */
export function forgetCommand(): Command {
  return new Command('forget')
    .description('remove a stopped credential from Temporal and from this journal, for good')
    .argument('<id>', 'credential id', idArgument)
    .option('-y, --yes', 'without asking')
    .option('--terminate', 'also one that cannot stop any more, as after its key was lost')
    .option(
      '--journal <journal>',
      'id of the workers’ journal, where the keeper’s word on it cannot be read',
      journalArgument,
    )
    .action(async (id: string, options: ForgetOptions) =>
      withOwnerSession(await commandEnvironment(), (session) => forget(session, id, options)),
    );
}
