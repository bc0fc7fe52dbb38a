import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { isPortFree } from '../../../src/dev-server/free-port.js';
import { builtInProviders } from '../../../src/providers/index.js';
import { abitmediaStandIn } from '../../../src/stand-ins/abitmedia.js';
import { startStandIn } from '../../../src/stand-ins/stand-in.js';
import { EvertokenCommand } from '../../support/evertoken-command.js';

/** A server, a worker and all providers start several times, one after the other. */
const LIMIT_MS = 600_000;

let command: EvertokenCommand;
beforeAll(async () => {
  command = await EvertokenCommand.open();
});
afterAll(() => command.remove());

function inDevFolder(name: string): string {
  return join(command.workingDirectory, '.evertoken', name);
}

/** Starts `evertoken dev` and lets `work` run once every stand-in's credential was refreshed. */
async function whileDevRuns(
  work: () => Promise<void>,
): Promise<{ started: string; code: unknown }> {
  const dev = await command.start(['dev']);
  const started = text(dev.stderr);
  const ended = once(dev, 'exit');
  const refreshed = new Set<string>();
  for await (const line of createInterface({ input: dev.stdout })) {
    const [, id] = /^(demo\/[\w-]+): fresh, generation \d+, refreshes [1-9]/.exec(line) ?? [];
    if (id !== undefined) refreshed.add(id);
    if (refreshed.size === builtInProviders.length) break;
  }
  try {
    await work();
  } finally {
    dev.kill('SIGINT');
  }
  const [code] = (await ended) as unknown[];
  return { started: await started, code };
}

it(
  'keeps all stand-ins fresh, serves other terminals, ends cleanly and goes on at the next start',
  async () => {
    let port = 0;
    let generation = 0;
    const readToken = async (): Promise<{ generation: number }> => {
      const { exitCode, stdout, stderr } = await command.runAsProcess([
        'token',
        'demo/tavio',
        '-o',
        'json',
      ]);
      expect([exitCode, stderr]).toEqual([
        0,
        expect.stringMatching(/^using the evertoken dev of this directory/),
      ]);
      return JSON.parse(stdout) as { generation: number };
    };

    const first = await whileDevRuns(async () => {
      const session = JSON.parse(await readFile(inDevFolder('dev.json'), 'utf8')) as {
        temporalAddress: string;
      };
      port = Number(session.temporalAddress.split(':')[1]);
      ({ generation } = await readToken());
      const second = await command.runAsProcess(['dev']);
      expect(second.exitCode).toBe(1);
      expect(second.stderr).toMatch(/evertoken dev runs in this directory already/);
    });
    expect(first.code).toBe(0);
    expect(first.started).toMatch(/demo\/tavio: started/);
    expect(generation).toBeGreaterThan(0);
    expect((await stat(inDevFolder('key'))).mode & 0o777).toBe(0o600);
    expect(await readdir(inDevFolder(''))).not.toContain('dev.json');
    expect(await isPortFree(port)).toBe(true);

    const next = await whileDevRuns(async () => {
      expect((await readToken()).generation).toBeGreaterThan(generation);
    });
    expect(next.started).toMatch(/demo\/tavio: reauthorized/);
  },
  LIMIT_MS,
);

it(
  'does not exit with 0 if a timed run is interrupted, since it has shown nothing',
  async () => {
    const dev = await command.start(['dev', '--for', '60s']);
    const said = text(dev.stderr);
    await once(dev.stdout, 'data');
    dev.kill('SIGTERM');
    await once(dev, 'exit');
    expect([dev.exitCode, await said]).toEqual([
      1,
      expect.stringMatching(/\nstopping …\nerror: interrupted before the time was over\n$/),
    ]);
  },
  LIMIT_MS,
);

it(
  'ends cleanly once nobody reads its table',
  async () => {
    const dev = await command.start(['dev']);
    dev.stdout.destroy();
    const [stderr] = await Promise.all([text(dev.stderr), once(dev, 'exit')]);
    expect([dev.exitCode, stderr]).toEqual([0, expect.stringMatching(/\nstopping …\n$/)]);
    expect(await readdir(inDevFolder(''))).not.toContain('dev.json');
  },
  LIMIT_MS,
);

it.each(['SIGINT', 'SIGHUP'] as const)(
  'lets a request that is under way finish, however often it gets %s, and so loses no rotated token',
  async (signal) => {
    const standIn = await startStandIn(abitmediaStandIn, { lifetimeSeconds: 3_600 });
    const credentials = [standIn.credential(`slow/${signal.toLowerCase()}`)];
    await command.write('slow.json', JSON.stringify({ credentials }));
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    standIn.answerNext(async (faithful) => {
      const reply = faithful();
      await held;
      return reply;
    });
    const dev = await command.start(['dev', '-f', 'slow.json']);
    dev.stdout.resume();
    const said = createInterface({ input: dev.stderr });
    const ended = once(dev, 'exit');
    await vi.waitUntil(() => standIn.refreshes === 1, { timeout: LIMIT_MS });
    dev.kill(signal);
    for await (const line of said) if (line === 'stopping …') break;
    dev.stderr.resume();
    dev.kill(signal);
    answer();
    expect(await ended).toEqual([0, null]);
    const log = (await readFile(inDevFolder('worker.log'), 'utf8')).split('\n');
    const ofIt = log.filter((line) => line.includes(`"slow/${signal.toLowerCase()}"`));
    expect(ofIt.join('\n')).toContain('credential refreshed');
    await standIn.close();
  },
  LIMIT_MS,
);
