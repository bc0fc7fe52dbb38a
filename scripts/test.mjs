// npm test: the whole check. It runs no test where formatting, lint, types or the build fail.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuild } from './setup/build-output.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';
import { main, runPackage, step } from './setup/step.mjs';

// ESLint asks for more than evertoken does.
requireNodeVersion({ what: 'npm test', versions: ['20.19', '22.13', '24.0'] });
await main(async () => {
  await ensureDependencies();
  // ESLint takes one core for as long as the rest takes another.
  await allDone([lint(), formatTypesAndBuild()]);
  await runTests();
});

function lint() {
  return step('lint', () => runPackage('eslint/bin/eslint.js', '.', '--max-warnings', '0'));
}

async function formatTypesAndBuild() {
  await step('format:check', () =>
    runPackage('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  );
  await step('typecheck', () => runPackage('typescript/bin/tsc', '-p', 'tsconfig.json'));
  await ensureBuild();
}

/** Waits for all, so that each says what is wrong. Then rejects with the first that failed. */
async function allDone(works) {
  const outcomes = await Promise.allSettled(works);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function runTests() {
  const directory = mkdtempSync(join(tmpdir(), 'evertoken-report-'));
  const file = join(directory, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    await step('test', () => runPackage('vitest/vitest.mjs', 'run', ...reporters));
  } catch (error) {
    if (!existsSync(file)) throw error;
    process.exitCode = 1;
  }
  console.log(countsOf(JSON.parse(readFileSync(file, 'utf8'))));
  rmSync(directory, { recursive: true });
}

/** A file that could not even be loaded counts as one failed test. */
function countsOf({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) {
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = numFailedTests + unloaded.length;
  return `${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped`;
}
