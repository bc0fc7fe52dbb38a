import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Directory for what costs minutes to make and belongs to no project: `$XDG_CACHE_HOME/evertoken`, else
 * `~/.cache/evertoken`. It may not exist yet.
 */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base ? resolve(base) : join(homedir(), '.cache'), 'evertoken');
}
