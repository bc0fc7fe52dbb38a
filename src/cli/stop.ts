import { Command } from 'commander';
import { idArgument } from './arguments.js';
import { commandEnvironment } from './command-environment.js';
import { print } from './output.js';
import { withOwnerSession } from './session.js';

/** `evertoken stop`: ends a keeper cleanly. */
export function stopCommand(): Command {
  return new Command('stop')
    .description('stop refreshing a credential; a request under way is let finish')
    .argument('<id>', 'credential id', idArgument)
    .action(stopKeeper);
}

async function stopKeeper(id: string): Promise<void> {
  const outcome = await withOwnerSession(commandEnvironment(), ({ keepers }) => keepers.stop(id));
  const did = outcome === 'stopping' ? 'stopping' : 'had already ended';
  print(`${id}: ${did}; its last token stays readable until it expires`);
}
