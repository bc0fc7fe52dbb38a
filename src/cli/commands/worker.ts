import { Command } from 'commander';
import { loadConfig } from '../../settings/config.js';
import { openHealth } from '../../worker/health.js';
import { commandEnvironment } from '../command-environment.js';
import { requireOwnerKeys } from '../session.js';

/** `evertoken worker`: the production worker. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('run the worker that keeps credentials fresh, until SIGINT, SIGTERM or SIGHUP')
    .action(async () => {
      const env = await commandEnvironment();
      const config = loadConfig(env);
      requireOwnerKeys(config);
      // First of all: the rest takes seconds, and a process that answers no probe meanwhile is killed.
      const health = await openHealth(config);
      try {
        // Loaded only here: the SDK's native worker would cost every other command a second.
        const { runWorker } = await import('../../worker.js');
        await runWorker({ config, env, health });
      } finally {
        await health?.close();
      }
    });
}
