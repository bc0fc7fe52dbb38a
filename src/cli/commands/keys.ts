import { Command, InvalidArgumentError } from 'commander';
import { generateKey } from '../../encryption/key-ring.js';
import { isScope } from '../../encryption/ring-format.js';
import { loadConfig } from '../../settings/config.js';
import { commandEnvironment } from '../command-environment.js';
import { CommandError, UsageError } from '../errors.js';
import { outputOption, print, printJson } from '../output.js';
import type { OutputFormat } from '../output.js';
import { withOwnerSession } from '../session.js';

/** `evertoken keys`: what has to do with encryption keys. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('encryption keys');
  keys
    .command('generate')
    .description('print a new key, for EVERTOKEN_ENCRYPTION_KEYS')
    .action(() => print(generateKey()));
  keys
    .command('reader')
    .description('print keys for EVERTOKEN_READER_KEYS, with which a service reads tokens')
    .requiredOption(
      '--scope <prefix>',
      'ids that they cover: a prefix that ends in /, or "" for all',
      scopeArgument,
    )
    .action(async ({ scope }: { scope: string }) => print(await readerKeys(scope)));
  keys
    .command('usage')
    .description('show what each key is still needed for; looks into Temporal and this journal')
    .addOption(outputOption())
    .action(({ output }: { output: OutputFormat }) => printUsage(output));
  return keys;
}

async function printUsage(output: OutputFormat): Promise<void> {
  // Loaded only here, since a journal in a database needs a driver.
  const { keyUsages, usageLine } = await import('../journal/key-usages.js');
  await withOwnerSession(await commandEnvironment(), async (session) => {
    const usages = await keyUsages(session);
    if (output === 'json') printJson(usages);
    else usages.forEach((usage) => print(usageLine(usage)));
  });
}

/** One for each key of the ring, so that keys and services need not change at the same moment. */
async function readerKeys(scope: string): Promise<string> {
  const { keyRing } = loadConfig(await commandEnvironment()).encryption;
  if (keyRing === undefined) throw new UsageError('plain text has no keys');
  const keys = keyRing.readerKeys(scope);
  if (keys.length === 0) throw new CommandError('the reader keys do not cover that scope');
  return keys.join();
}

function scopeArgument(text: string): string {
  if (isScope(text)) return text;
  throw new InvalidArgumentError('It must be an id prefix that ends in /, or empty.');
}
