// npm run bench [-- QUESTION… --quick]: measures, and writes docs/benchmarks.md. --help says more.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { ArgumentsError, readArguments } from '../bench/arguments.mjs';
import { ensureBuild } from './setup/build-output.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { filesBelow, hashOf } from './setup/hash.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';
import { main, ROOT, runPackage, step } from './setup/step.mjs';

const BUILD = join(ROOT, 'bench/.build');
/** Written last, so that a build that broke off is made again. */
const STAMP = join(BUILD, '.built-from');

requireNodeVersion();
process.chdir(ROOT);
refuseMistakes();
await main(async () => {
  await ensureDependencies();
  await ensureBuild();
  await ensureBenchBuild();
  process.exitCode = await runBench();
});

/** Before the build, which takes a minute. */
function refuseMistakes() {
  try {
    readArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ArgumentsError)) throw error;
    console.error(`error: ${error.message} (--help shows what is possible)`);
    process.exit(2);
  }
}

async function ensureBenchBuild() {
  const wanted = hashOf([
    ...['package.json', 'tsconfig.json', 'tsconfig.bench.json'].map((name) => join(ROOT, name)),
    ...['src', 'bench', 'test/support']
      .flatMap((folder) => filesBelow(join(ROOT, folder)))
      .filter((path) => /\.(ts|cjs|mjs)$/.test(path)),
  ]);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  await step('build the benchmarks', async () => {
    rmSync(BUILD, { recursive: true, force: true });
    // The whole check has looked at the types.
    await runPackage('typescript/bin/tsc', '-p', 'tsconfig.bench.json', '--noCheck');
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
