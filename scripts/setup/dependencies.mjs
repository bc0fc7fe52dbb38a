import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf } from './hash.mjs';
import { ROOT, run, step } from './step.mjs';

const MODULES = join(ROOT, 'node_modules');
const LOCK = join(ROOT, 'package-lock.json');
const STAMP = join(MODULES, '.evertoken-installed');
/** npm writes it at the end of each install. */
const NPM_STAMP = join(MODULES, '.package-lock.json');

/** Installs the dependencies that the lock file names, unless they are there. */
export async function ensureDependencies() {
  const wanted = hashOf([LOCK]);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  if (!isInstalledByHand()) await step('npm ci', () => run('npm', 'ci', '--no-fund', '--no-audit'));
  writeFileSync(STAMP, wanted);
}

function isInstalledByHand() {
  return existsSync(NPM_STAMP) && statSync(NPM_STAMP).mtimeMs >= statSync(LOCK).mtimeMs;
}
