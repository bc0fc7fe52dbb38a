import { Command } from 'commander';
import { generateKey } from '../encryption/key-ring.js';
import { print } from './output.js';

/** `evertoken keys`: what has to do with encryption keys. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('encryption keys');
  keys
    .command('generate')
    .description('print a new key, for EVERTOKEN_ENCRYPTION_KEYS')
    .action(() => print(generateKey()));
  return keys;
}
