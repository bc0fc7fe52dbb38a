import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, hashOf } from './hash.mjs';
import { ROOT, run, runPackage, step } from './step.mjs';

const DIST = join(ROOT, 'dist');
/** Written last, so that a build that broke off is made again. */
const STAMP = join(DIST, '.built-from');
const BUILT_FROM = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/bundle-command.mjs',
  'scripts/bundle-workflows.mjs',
  'scripts/setup/build-output.mjs',
];

/** Compiles `src/`, and bundles the workflows and the commands, into `dist/`, unless that was made from the same files. */
export async function ensureBuild() {
  const wanted = hashOf([
    ...BUILT_FROM.map((name) => join(ROOT, name)),
    ...filesBelow(join(ROOT, 'src')),
  ]);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  await step('build', async () => {
    rmSync(DIST, { recursive: true, force: true });
    await runPackage('typescript/bin/tsc', '-p', 'tsconfig.build.json');
    await run(process.execPath, 'scripts/bundle-workflows.mjs');
    await run(process.execPath, 'scripts/bundle-command.mjs');
    writeFileSync(STAMP, wanted);
  });
}
