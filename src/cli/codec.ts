import { once } from 'node:events';
import { Command } from 'commander';
import { startCodecServer } from '../codec-server/server.js';
import { loadConfig } from '../config.js';
import { commandEnvironment } from './command-environment.js';
import { report } from './output.js';

/** `evertoken codec`: the codec server for the Temporal UI and CLI. */
export function codecCommand(): Command {
  return new Command('codec')
    .description('run the codec server that shows payloads in the Temporal UI, secrets redacted')
    .action(async () => {
      const server = await startCodecServer(loadConfig(commandEnvironment()));
      report(`codec server at ${server.url}`);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await server.close();
    });
}
