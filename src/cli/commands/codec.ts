import { once } from 'node:events';
import { Command } from 'commander';
import { loadConfig } from '../../settings/config.js';
import { commandEnvironment } from '../command-environment.js';
import { report } from '../output.js';
import { requireOwnerKeys } from '../session.js';

/** `evertoken codec`: the codec server for the Temporal UI and CLI. */
export function codecCommand(): Command {
  return new Command('codec')
    .description('run the codec server that shows payloads in the Temporal UI, secrets redacted')
    .action(serve);
}

async function serve(): Promise<void> {
  const config = loadConfig(await commandEnvironment());
  requireOwnerKeys(config);
  // Loaded only here; otherwise every other command would wait for the HTTP server's code.
  const { listenCodecServer } = await import('../listen-codec-server.js');
  const server = await listenCodecServer(config);
  report(`codec server at ${server.url}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
}
