import { readFileSync, writeFileSync } from 'node:fs';
import { generateKey } from '../encryption/key-ring.js';
import { DEV_FILES } from './dev-files.js';

/** The key of this directory's dev environment as `EVERTOKEN_ENCRYPTION_KEYS` takes it; made when there is none. */
export function devKey(): string {
  return readDevKey() ?? newKey();
}

/** The key, if one was made. */
export function readDevKey(): string | undefined {
  try {
    return readFileSync(DEV_FILES.key, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function newKey(): string {
  const key = generateKey();
  writeFileSync(DEV_FILES.key, `${key}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}
