import { type BigIntStats, readFileSync, realpathSync, statSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { SECRET_MAX_CHARS } from '../policy/attempt-numbers.js';
import { withoutLineEnd } from './file-text.js';
import type { OwnSecrets } from './own-secrets.js';

/**
 * The secret that a file below a folder holds, for a credential that names it by a path from there. `undefined` if there is no
 * such file, if it holds more than a secret, or one of `own`. Paths are compared as they really are, so that neither `..`
 * nor a link leads out of the folder. It waits for as long as the folder does, such as a network's.
 */
export async function secretBelow(
  folder: string,
  path: string,
  own: OwnSecrets,
): Promise<string | undefined> {
  try {
    const root = await realpath(folder);
    const realPath = await realpath(resolve(root, path));
    if (!isInside(root, realPath)) return undefined;
    const stats = await stat(realPath, { bigint: true });
    if (!maySecretBeIn(stats)) return undefined;
    const text = await readFile(realPath, 'utf8');
    return (await own.include({ realPath, stats, text })) ? undefined : withoutLineEnd(text);
  } catch {
    return undefined;
  }
}

/** As `secretBelow`, for a command, which has nothing else to do. */
export function secretBelowSync(folder: string, path: string, own: OwnSecrets): string | undefined {
  try {
    const root = realpathSync(folder);
    const realPath = realpathSync(resolve(root, path));
    if (!isInside(root, realPath)) return undefined;
    const stats = statSync(realPath, { bigint: true });
    if (!maySecretBeIn(stats)) return undefined;
    const text = readFileSync(realPath, 'utf8');
    return own.includeSync({ realPath, stats, text }) ? undefined : withoutLineEnd(text);
  } catch {
    return undefined;
  }
}

/** A name may begin with two dots, as the folders do through which Kubernetes links the files of a volume. */
function isInside(root: string, realPath: string): boolean {
  const inside = relative(root, realPath);
  const leadsOut = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return inside !== '' && !leadsOut;
}

function maySecretBeIn(stats: BigIntStats): boolean {
  return stats.isFile() && stats.size <= SECRET_MAX_CHARS;
}
