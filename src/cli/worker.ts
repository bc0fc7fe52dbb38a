import { Command } from 'commander';
import { loadConfig } from '../config.js';
import { runWorker } from '../worker.js';
import { commandEnvironment } from './command-environment.js';

/** `evertoken worker`: the production worker. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('run the worker that keeps credentials fresh, until SIGINT or SIGTERM')
    .action(async () => {
      const env = commandEnvironment();
      await runWorker(loadConfig(env), env);
    });
}
