import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const KNOWN = 50_000;
/** Longer than it takes to be interrupted, shorter than the reader is slow. */
const WORK_MS = 500;

/** A process that tells as much as a fleet is, once it is interrupted, and tells it again where its work goes on to its end. */
async function interrupted() {
  const script = await runnable(`
    import { tellingWhenInterrupted } from './interruption.js';
    const known = Array.from({ length: ${KNOWN} }, (_, index) => ({ id: 'acme/' + index }));
    const tell = () => process.stdout.write(JSON.stringify(known));
    const work = () => new Promise((resolve) => {
      process.stderr.write('working');
      setTimeout(resolve, ${WORK_MS});
      setInterval(() => undefined, 1_000);
    });
    await tellingWhenInterrupted(tell, work);
    tell();`);
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  await once(child.stderr, 'data');
  child.kill('SIGINT');
  return { child, ended };
}

/** The script with all that it imports. */
async function runnable(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents,
      resolveDir: fileURLToPath(new URL('../../../src/cli/apply', import.meta.url)),
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  return outputFiles.map((file) => file.text).join('');
}

it('what an interrupted apply knew is written whole, and once, for a reader that is slow', async () => {
  const { child, ended } = await interrupted();
  await delay(2 * WORK_MS);
  const known = JSON.parse(await text(child.stdout)) as unknown[];
  expect(known).toHaveLength(KNOWN);
  expect(await ended).toEqual([null, 'SIGINT']);
});

it('a second signal ends an interrupted apply although nobody reads what it knew', async () => {
  const { child, ended } = await interrupted();
  await delay(WORK_MS);
  expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  child.kill('SIGTERM');
  expect(await ended).toEqual([null, 'SIGTERM']);
});
