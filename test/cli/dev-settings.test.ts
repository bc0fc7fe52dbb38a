import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandEnvironment } from '../../src/cli/command-environment.js';
import { sealingOf, settledVariables } from '../../src/cli/dev/settled-variables.js';
import { UsageError } from '../../src/cli/errors.js';
import { DEV_FILES } from '../../src/dev-server/dev-files.js';
import { devKey } from '../../src/dev-server/dev-key.js';
import { announceDevSession, type DevSealing } from '../../src/dev-server/dev-session.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { loadConfig } from '../../src/settings/config.js';
import { loadTemporalTarget } from '../../src/temporal/connection.js';
import { writeTemporalProfile } from '../support/temporal-profile.js';

const UI_PORT = 8233;
const JOURNAL_URL = 'postgres://worker@127.0.0.1/journal';
const before = process.cwd();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evertoken-dev-settings-'));
  process.chdir(folder);
  mkdirSync(DEV_FILES.directory);
});
afterEach(async () => {
  process.chdir(before);
  await rm(folder, { recursive: true });
});

describe('dev keeps to what its user sets', () => {
  it('of the journal: a database in place of its own folder', () => {
    const env = settledVariables({ EVERTOKEN_JOURNAL_URL: JOURNAL_URL }, UI_PORT);
    expect(loadConfig(env).journal).toEqual({ url: JOURNAL_URL });
  });

  it('in a file: keys and the journal', async () => {
    const key = generateKey();
    await writeFile('keys', key);
    await writeFile('journal', JOURNAL_URL);
    const set = { EVERTOKEN_ENCRYPTION_KEYS_FILE: 'keys', EVERTOKEN_JOURNAL_URL_FILE: 'journal' };
    const { encryption, journal } = loadConfig(settledVariables(set, UI_PORT));
    expect(encryption.keyRing?.sealingKeyId).toBe(KeyRing.parse(key).sealingKeyId);
    expect(journal).toEqual({ url: JOURNAL_URL });
  });

  it('and fills in what is not set, or empty', () => {
    const env = settledVariables(
      { EVERTOKEN_ALLOW_LOOPBACK: '', EVERTOKEN_JOURNAL_URL: '', EVERTOKEN_ENCRYPTION_KEYS: '' },
      UI_PORT,
    );
    const { allowLoopback, encryption, journal } = loadConfig(env);
    expect(allowLoopback).toBe(true);
    expect(journal).toEqual({ directory: DEV_FILES.journal });
    expect(encryption.keyRing?.sealingKeyId).toBe(KeyRing.parse(devKey()).sealingKeyId);
  });
});

it('dev tells the commands beside it whether they find its key, and no key', async () => {
  await writeFile('keys', generateKey());
  const sealing = (set: NodeJS.ProcessEnv): string => {
    const env = settledVariables(set, UI_PORT);
    return sealingOf(env, loadConfig(env));
  };
  expect(sealing({ EVERTOKEN_ENCRYPTION_KEYS_FILE: 'keys' })).toBe('own-keys');
  expect(sealing({})).toBe('dev-key');
  expect(sealing({ EVERTOKEN_ENCRYPTION_KEYS: '' })).toBe('dev-key');
  expect(sealing({ EVERTOKEN_ENCRYPTION_KEYS: devKey() })).toBe('dev-key');
  expect(sealing({ EVERTOKEN_ENCRYPTION_KEYS: generateKey() })).toBe('own-keys');
  expect(sealing({ EVERTOKEN_ALLOW_PLAINTEXT: 'true' })).toBe('plain-text');
});

describe('a command beside a running dev', () => {
  let server: Server;
  let temporalAddress: string;
  const announce = (sealing: DevSealing): void =>
    announceDevSession({ pid: process.ppid, temporalAddress, namespace: 'default', sealing });
  beforeEach(async () => {
    server = createServer().listen(0, LOOPBACK);
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    temporalAddress = `${LOOPBACK}:${bound.port}`;
    announce('dev-key');
  });
  afterEach(() => server.close());

  it('takes its server and its key', async () => {
    const env = await commandEnvironment({ TEMPORAL_ADDRESS: '' });
    expect(env).toMatchObject({
      TEMPORAL_ADDRESS: temporalAddress,
      EVERTOKEN_ENCRYPTION_KEYS: undefined,
    });
    const key = devKey();
    expect((await commandEnvironment({}))['EVERTOKEN_ENCRYPTION_KEYS']).toBe(key);
  });

  it('takes its server and not its key where it has the keys of a reader', async () => {
    const readerKeys = KeyRing.parse(devKey()).readerKeys('demo/').join();
    const env = await commandEnvironment({ EVERTOKEN_READER_KEYS: readerKeys });
    expect(env['TEMPORAL_ADDRESS']).toBe(temporalAddress);
    expect(loadConfig(env).encryption.keyRing?.isOwners).toBe(false);
  });

  it.each([
    ['own-keys', /was started with keys of its own.*set EVERTOKEN_ENCRYPTION_KEYS and TEMPORAL_A/],
    ['plain-text', /plain text.*set EVERTOKEN_ALLOW_PLAINTEXT=true and TEMPORAL_ADDRESS=127/],
  ] as const)(
    'is told what to set where that dev does not seal with its key: %s',
    async (sealing, words) => {
      devKey();
      announce(sealing);
      await expect(commandEnvironment({})).rejects.toThrow(UsageError);
      await expect(commandEnvironment({})).rejects.toThrow(words);
      const own = { TEMPORAL_ADDRESS: temporalAddress, EVERTOKEN_ALLOW_PLAINTEXT: 'true' };
      expect(await commandEnvironment(own)).toEqual(own);
      const readers = await commandEnvironment({ EVERTOKEN_READER_KEYS: 'of-a-reader' });
      expect(readers).toMatchObject({
        TEMPORAL_ADDRESS: temporalAddress,
        EVERTOKEN_READER_KEYS: 'of-a-reader',
      });
    },
  );

  it('takes nothing from the profile with which its user reaches another server', async () => {
    const home = writeTemporalProfile(
      folder,
      '[profile.default]\naddress = "acme.tmprl.cloud:7233"\nnamespace = "acme"\napi_key = "key"\n[profile.default.tls]\n',
    );
    const env = await commandEnvironment(home);
    const { address, namespace, options } = loadTemporalTarget(env, { allowCleartext: false });
    expect([address, namespace]).toEqual([temporalAddress, 'default']);
    expect([options.tls, options.apiKey]).toEqual([undefined, undefined]);
  });

  it('takes nothing of it where it names a server or keys of its own', async () => {
    for (const own of [
      { TEMPORAL_ADDRESS: 'temporal.internal:7233' },
      { EVERTOKEN_ENCRYPTION_KEYS_FILE: 'keys' },
    ]) {
      expect(await commandEnvironment(own)).toEqual(own);
    }
  });
});
