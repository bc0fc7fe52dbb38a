import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A step that did not succeed; what it printed says why. */
class StepFailed extends Error {}

/** Does one named step and prints how long it took. */
export async function step(name, work) {
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(1);
  console.error(`▸ ${name}`);
  try {
    await work();
  } catch (error) {
    console.error(`✗ ${name} (${seconds()} s)`);
    throw error;
  }
  console.error(`✓ ${name} (${seconds()} s)`);
}

/** Runs a command in the project's folder, with our terminal; rejects unless it exits with 0. */
export async function run(command, ...args) {
  const child = spawn(command, args, {
    cwd: ROOT,
    // Standard output belongs to what the step is for.
    stdio: ['inherit', 2, 2],
    shell: process.platform === 'win32',
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new StepFailed(`${[command, ...args].join(' ')} failed [exit=${code}]`);
}

/** Runs an installed package's command without the seconds that npx takes. */
export async function runPackage(script, ...args) {
  await run(process.execPath, `node_modules/${script}`, ...args);
}

/** Runs the script's work; a failed step ends it with one line and exit code 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
