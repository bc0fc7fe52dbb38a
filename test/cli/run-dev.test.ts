import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DevEnvironment } from '../../src/cli/dev/environment.js';
import { runDev } from '../../src/cli/dev/run-dev.js';
import { CommandError, ReportedFailure } from '../../src/cli/errors.js';
import { answer, FakeKeepers } from '../client/fake-keepers.js';

const BROKE = 'the worker broke; see .evertoken/worker.log';
const ONE = 'credentials: [{ id: a, provider: vmware-csp, material: { apiToken: x } }]';
const NEVER = new Promise<string>(() => undefined);
let folder: string;
let interrupt: () => void;
let printed: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evertoken-run-dev-'));
  // A real signal would end the workers of other tests, too.
  vi.spyOn(process, 'on').mockImplementation((_signal, listener) => {
    interrupt = listener as () => void;
    return process;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** An environment whose keepers have what the file says, and of which only the worker may break. */
async function environment(broken = NEVER): Promise<DevEnvironment> {
  const reader = new FakeKeepers();
  reader.answers.set('a', answer(1, 3_600_000));
  const status = await reader.status('a');
  return {
    reader,
    tokens: reader,
    keepers: {
      known: async () => new Map([['a', { is: 'unchanged', status }]]),
      apply: async () => ({ outcome: 'unchanged' }),
    },
    address: '127.0.0.1:7233',
    hasServerEnded: () => false,
    broken,
  };
}

function fileOf(text: string): string {
  const file = join(folder, 'credentials.yaml');
  writeFileSync(file, text);
  return file;
}

describe('a part that does not end as it should', () => {
  it('does not hide the words about the worker that broke before', async () => {
    const running = runDev({ file: fileOf(ONE) }, ({ teardown }) => {
      teardown.add(() => Promise.reject(new TypeError('of a library')));
      return environment(Promise.resolve(BROKE));
    });
    await expect(running).rejects.toEqual(new CommandError(BROKE));
  });

  it('is told where nothing failed before', async () => {
    const running = runDev({ file: fileOf(ONE) }, ({ teardown }) => {
      teardown.add(() => Promise.reject(new CommandError('not ended')));
      interrupt();
      return environment();
    });
    await expect(running).rejects.toEqual(new CommandError('not ended'));
  });
});

describe('the first line', () => {
  it.each([
    [
      'says how to print a token that the file brings',
      ONE,
      '. In another terminal, here: npx evertoken token a',
    ],
    ['names no token where the file brings none', 'credentials: []', ''],
  ])('%s', async (_promise, text, end) => {
    await runDev({ file: fileOf(text), for: 0 }, () => environment()).catch(() => undefined);
    expect(printed.split('\n', 1)[0]).toBe(`evertoken dev: Temporal 127.0.0.1:7233${end}`);
  });
});

describe('a timed run', () => {
  it('does not say that credentials were refreshed where its time was over at once', async () => {
    const running = runDev({ file: fileOf(ONE), for: 0 }, () => environment());
    await expect(running).rejects.toThrow(ReportedFailure);
    expect(printed).toMatch(
      /\na +vmware-csp +fresh[^]*\nnot every credential was refreshed at least 2 times\n$/,
    );
  });

  it('says that there was nothing to refresh where the file names nothing', async () => {
    const running = runDev({ file: fileOf('credentials: []'), for: 0 }, () => environment());
    await expect(running).rejects.toEqual(new CommandError('there was no credential to refresh'));
    expect(printed).not.toContain('was refreshed');
  });
});
