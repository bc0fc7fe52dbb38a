import { createHook } from 'node:async_hooks';
import fs, { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createWorkerSecrets, WorkerSecretError } from '../../src/activities/worker-secrets.js';
import { PREPARE_DEADLINE_MS, SECRET_MAX_CHARS } from '../../src/policy/attempt-numbers.js';

const secretsDir = mkdtempSync(join(tmpdir(), 'evertoken-'));
mkdirSync(join(secretsDir, 'acme'));
writeFileSync(join(secretsDir, 'acme', 'client'), 'of acme\n');
writeFileSync(join(secretsDir, 'acme', 'large'), 'x'.repeat(SECRET_MAX_CHARS + 1));
writeFileSync(join(secretsDir, 'other'), 'of others\n');
mkdirSync(join(secretsDir, '..2026_11_27'));
writeFileSync(join(secretsDir, '..2026_11_27', 'of-a-volume'), 'of a volume\n');
symlinkSync('..2026_11_27', join(secretsDir, '..data'));
symlinkSync('..data/of-a-volume', join(secretsDir, 'of-a-volume'));

afterAll(() => rmSync(secretsDir, { recursive: true }));

const secrets = createWorkerSecrets({
  env: { EVERTOKEN_SECRET_ACME: 'variable of acme' },
  secretsDir,
  rules: [
    { secret: 'EVERTOKEN_SECRET_ACME', scope: 'acme/', host: 'auth.acme.example' },
    { secret: 'file:acme/*', scope: 'acme/' },
  ],
});

describe('worker secrets without rules', () => {
  const unruled = createWorkerSecrets({ env: {}, secretsDir });

  it('are read from a volume of Kubernetes, whose files are links into a folder that two dots begin', async () => {
    const clientSecret = { $workerFile: 'of-a-volume' };
    const { material } = await unruled.resolve({ clientSecret }, 'acme/x');
    expect(material).toEqual({ clientSecret: 'of a volume' });
  });

  it.each(['acme', 'acme/large'])(
    'are not read where %s is no file of at most 64 KiB',
    async (path) => {
      const clientSecret = { $workerFile: path };
      const failed = unruled.resolve({ clientSecret }, 'acme/x').catch((error: unknown) => error);
      expect(await failed).toBeInstanceOf(WorkerSecretError);
    },
  );
});

describe('reading a worker secret', () => {
  const env = { EVERTOKEN_ENCRYPTION_KEYS_FILE: join(secretsDir, 'other') };
  const reading = createWorkerSecrets({ env, secretsDir });

  it('makes no call for which the whole worker would wait, although it looks at the worker’s own files, too', async () => {
    const spies = (['statSync', 'realpathSync', 'readFileSync', 'openSync'] as const).map((name) =>
      vi.spyOn(fs, name),
    );
    syncBuiltinESMExports();
    try {
      await reading.resolve({ clientSecret: { $workerFile: 'acme/client' } }, 'acme/x');
      expect(spies.flatMap(({ mock }) => mock.calls)).toEqual([]);
    } finally {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    }
  });

  it('leaves no timer of its deadline behind', async () => {
    const begun = new Set<number>();
    const ended = new Set<number>();
    const hook = createHook({
      init: (id, type, _trigger, timer) => {
        const isOfDeadline = Reflect.get(timer, '_idleTimeout') === PREPARE_DEADLINE_MS;
        if (type === 'Timeout' && isOfDeadline) begun.add(id);
      },
      destroy: (id) => {
        if (begun.has(id)) ended.add(id);
      },
    }).enable();
    try {
      await reading.resolve({ clientSecret: { $workerFile: 'acme/client' } }, 'acme/x');
      // Node tells in a later turn what was ended in this one.
      await turn();
      await turn();
      expect(begun.size).toBe(1);
      expect(ended).toEqual(begun);
    } finally {
      hook.disable();
    }
  });
});

describe('worker secrets with rules', () => {
  it('are read for the credentials that they are for, with the hosts that they may go to', async () => {
    const material = {
      clientSecret: { $workerEnv: 'EVERTOKEN_SECRET_ACME' },
      apiKey: { $workerFile: './acme/client' },
    };
    expect(await secrets.resolve(material, 'acme/billing')).toEqual({
      material: { clientSecret: 'variable of acme', apiKey: 'of acme' },
      onlyTo: [['auth.acme.example']],
    });
  });

  it.each([{ $workerEnv: 'EVERTOKEN_SECRET_ACME' }, { $workerFile: 'acme/client' }])(
    'are not read for another credential: %j',
    async (clientSecret) => {
      const failed = secrets.resolve({ clientSecret }, 'evil/one').catch((error: unknown) => error);
      expect(await failed).toBeInstanceOf(WorkerSecretError);
    },
  );

  it('are not read by a path that only begins as the rule does', async () => {
    const clientSecret = { $workerFile: 'acme/../other' };
    const failed = secrets.resolve({ clientSecret }, 'acme/x').catch((error: unknown) => error);
    expect(await failed).toBeInstanceOf(WorkerSecretError);
  });
});
