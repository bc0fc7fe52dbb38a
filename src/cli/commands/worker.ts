import { Command } from 'commander';
import { loadConfig } from '../../settings/config.js';
import { commandEnvironment } from '../command-environment.js';
import { requireOwnerKeys } from '../session.js';

/** `evertoken worker`: the production worker. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('run the worker that keeps credentials fresh, until SIGINT, SIGTERM or SIGHUP')
    .action(async () => {
      const env = await commandEnvironment();
      // Loaded only here: the SDK's native worker would cost every other command a second.
      const { runWorker } = await import('../../worker.js');
      const config = loadConfig(env);
      requireOwnerKeys(config);
      await runWorker(config, env);
    });
}
