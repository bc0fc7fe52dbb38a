// npm run bench [-- QUESTION… --quick]: measures, and writes docs/benchmarks.md. --help says more.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { ensureBuild } from './setup/build-output.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { filesBelow, hashOf } from './setup/hash.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';
import { main, ROOT, runPackage, step } from './setup/step.mjs';

const BUILD = join(ROOT, 'bench/.build');
/** Written last, so that a build that broke off is made again. */
const STAMP = join(BUILD, '.built-from');

requireNodeVersion();
await main(async () => {
  await ensureDependencies();
  await ensureBuild();
  await ensureBenchBuild();
  process.exitCode = await runBench();
});

async function ensureBenchBuild() {
  const wanted = hashOf([
    ...['package.json', 'tsconfig.json', 'tsconfig.bench.json'].map((name) => join(ROOT, name)),
    ...['src', 'bench', 'test/support']
      .flatMap((folder) => filesBelow(join(ROOT, folder)))
      .filter((path) => /\.(ts|cjs)$/.test(path)),
  ]);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  await step('build the benchmarks', async () => {
    rmSync(BUILD, { recursive: true, force: true });
    await runPackage('typescript/bin/tsc', '-p', 'tsconfig.bench.json');
    writeFileSync(STAMP, wanted);
  });
}

/** Ends when the measuring has ended, also when it is told to stop, so that what it started is ended first. */
async function runBench() {
  const child = spawn(
    process.execPath,
    ['--expose-gc', join(BUILD, 'bench/run.js'), ...process.argv.slice(2)],
    { cwd: ROOT, stdio: 'inherit' },
  );
  // A terminal sends Ctrl-C to both.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}
