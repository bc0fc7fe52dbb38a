import { mkdirSync, writeFileSync } from 'node:fs';
import { DEV_FILES } from './dev-files.js';

/** Makes the directory of a dev environment, for this user alone. It holds a key and what the key opens, so git ignores it. */
export function makeDevDirectory(): void {
  mkdirSync(DEV_FILES.directory, { recursive: true, mode: 0o700 });
  writeFileSync(DEV_FILES.gitignore, '*\n');
}
