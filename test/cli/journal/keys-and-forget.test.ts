import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Encryption } from '../../../src/encryption/encryption.js';
import { generateKey, KeyRing } from '../../../src/encryption/key-ring.js';
import { createSealer } from '../../../src/encryption/sealer.js';
import { openJournal } from '../../../src/journal/open-journal.js';
import type { RefreshJournal } from '../../../src/journal/port.js';
import { payloadKeys } from '../../../src/keepers/payload-keys.js';
import type { CommandResult } from '../../support/command-runs.js';
import { EvertokenCommand } from '../../support/evertoken-command.js';
import { FullStack } from '../../support/full-stack.js';
import { openTestNamespace } from '../../support/test-namespace.js';

let stack: FullStack;
let command: EvertokenCommand;

beforeAll(async () => {
  [stack, command] = await Promise.all([
    FullStack.open({ openNamespace: openTestNamespace }),
    EvertokenCommand.open(),
  ]);
  const credentials = ['keys/one', 'keys/two'].map((id) =>
    stack.standIns.of('abitmedia').credential(id),
  );
  await command.write('credentials.json', JSON.stringify({ credentials }));
  await evertoken(['apply', '-f', 'credentials.json']);
  await Promise.all(['keys/one', 'keys/two'].map((id) => evertoken(['refresh', id])));
});
afterAll(async () => {
  await Promise.all([stack.close(), command.remove()]);
});

const ownKey = (): string => stack.env['EVERTOKEN_ENCRYPTION_KEYS'] ?? '';
const idOf = (key: string): string => key.slice(0, key.lastIndexOf(':'));

function onServer(env: Record<string, string>): Record<string, string> {
  const { address, namespace } = stack.namespace;
  return { ...env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
}

function run(args: string[], env: Record<string, string>): Promise<CommandResult> {
  return command.run(args, onServer(env));
}

function evertoken(args: string[], env: Record<string, string> = {}): Promise<CommandResult> {
  return run(args, { ...stack.env, ...env });
}

function asProcess(args: string[], env: Record<string, string> = {}): Promise<CommandResult> {
  return command.runAsProcess(args, onServer({ ...stack.env, ...env }));
}

/** The server deletes in the background, which a busy machine may put off: the command then says to run it again. */
async function untilDeleted(forget: () => Promise<CommandResult>): Promise<CommandResult> {
  const result = await forget();
  return result.stderr.includes('Temporal has not deleted all yet') ? untilDeleted(forget) : result;
}

describe('keys usage', () => {
  it('says what a key is needed for, and which one of the ring is not needed any more', async () => {
    const fresh = generateKey();
    const { stdout, exitCode } = await asProcess(['keys', 'usage'], {
      EVERTOKEN_ENCRYPTION_KEYS: `${ownKey()},${fresh}`,
    });
    expect(exitCode).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([
      `${idOf(ownKey())}: needed by 2 keepers (keys/one keys/two), 2 journal entries (keys/one keys/two)`,
      `${idOf(fresh)}: not needed any more`,
    ]);
  });

  it('names a key that is needed and that this process lacks', async () => {
    const fresh = generateKey();
    const { stdout } = await evertoken(['keys', 'usage'], { EVERTOKEN_ENCRYPTION_KEYS: fresh });
    expect(stdout).toMatch(
      new RegExp(`^${idOf(ownKey())}: needed by .*; it is not in EVERTOKEN_ENCRYPTION_KEYS$`, 'm'),
    );
  });

  it('asks for no key of a journal entry in plain text', async () => {
    const { config, namespace } = stack;
    const open = (encryption: Encryption): Promise<RefreshJournal> =>
      openJournal(config.journal, namespace.namespace, createSealer(encryption));
    const [sealing, plain] = await Promise.all([
      open(config.encryption),
      open({ allowPlaintext: true }),
    ]);
    const entry = await sealing.read('keys/one');
    await plain.update('keys/plain', () => entry && { ...entry, credentialId: 'keys/plain' });
    const { stdout } = await evertoken(['keys', 'usage']);
    expect(stdout).toMatch(/^no key \(plain text or damaged\): 1 journal entries \(\S+\)$/m);
    await plain.remove('keys/plain');
    await Promise.all([sealing.close(), plain.close()]);
  });
});

it('keys usage passes over a keeper that Temporal deleted after it was listed', async () => {
  expect(await payloadKeys(stack.client, 'keys/one')).toEqual(new Set([idOf(ownKey())]));
  expect(await payloadKeys(stack.client, 'keys/deleted')).toEqual(new Set());
});

describe.each([
  ['no journal', 'no-journal', 'there is no refresh journal here'],
  ['another journal', 'other-journal', 'the refresh journal here is another one'],
])('beside %s than that of the keepers', (_which, folder, reason) => {
  const beside = (): Record<string, string> => ({
    EVERTOKEN_JOURNAL_DIR: join(stack.folder, folder),
  });
  beforeAll(async () => {
    if (folder === 'no-journal') return;
    const { encryption } = stack.config;
    const journal = await openJournal(
      { directory: join(stack.folder, folder) },
      stack.namespace.namespace,
      createSealer(encryption),
    );
    await journal.close();
  });

  it('keys usage calls no key unneeded, and makes no journal', async () => {
    const { stdout, stderr, exitCode } = await evertoken(['keys', 'usage'], beside());
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toContain(reason);
    expect(existsSync(join(stack.folder, 'no-journal'))).toBe(false);
  });

  it('forget removes nothing, and makes no journal', async () => {
    const forgotten = await evertoken(['forget', 'keys/one', '--yes', '--terminate'], beside());
    expect([forgotten.stdout, forgotten.exitCode]).toEqual(['', 1]);
    expect(forgotten.stderr).toContain(reason);
    expect((await evertoken(['token', 'keys/one'])).exitCode).toBe(0);
    expect(existsSync(join(stack.folder, 'no-journal'))).toBe(false);
  });
});

describe('a reader key', () => {
  const reader = (scope: string): Record<string, string> => {
    const { EVERTOKEN_ENCRYPTION_KEYS: _owner, ...others } = stack.env;
    return { ...others, EVERTOKEN_READER_KEYS: KeyRing.parse(ownKey()).readerKeys(scope).join() };
  };

  it('is printed for a scope, and for a smaller one from a reader key alone', async () => {
    const printed = await evertoken(['keys', 'reader', '--scope', 'keys/']);
    expect(printed.stdout.trim()).toBe(reader('keys/')['EVERTOKEN_READER_KEYS']);
    const below = await run(['keys', 'reader', '--scope', 'keys/one/'], reader('keys/'));
    expect(below.stdout.trim()).toBe(reader('keys/one/')['EVERTOKEN_READER_KEYS']);
    const beside = await run(['keys', 'reader', '--scope', 'other/'], reader('keys/'));
    expect([beside.exitCode, beside.stderr]).toEqual([
      1,
      'error: the reader keys do not cover that scope\n',
    ]);
  });

  it('prints tokens, states and lists of its scope, and forces refreshes', async () => {
    const env = reader('keys/');
    expect((await run(['token', 'keys/one'], env)).stdout).toMatch(/^\S+\n$/);
    expect((await run(['status', 'keys/one'], env)).exitCode).toBe(0);
    expect((await run(['list'], env)).stdout).toContain('keys/one');
    expect((await run(['list'], reader('other/'))).stdout).toBe('no credentials\n');
    expect((await run(['refresh', 'keys/one', '--no-wait'], env)).exitCode).toBe(0);
    const outside = await run(['token', 'keys/one'], reader('other/'));
    expect(outside.stderr).toMatch(/UNDECIPHERABLE: .*outside of the scope of the reader keys/);
  });

  it.each([
    [['apply', '-f', 'credentials.json']],
    [['reauthorize', 'keys/one', '-f', 'credentials.json']],
    [['stop', 'keys/one']],
    [['forget', 'keys/one', '--yes']],
    [['journal', 'move', 'keys/one', '--to', '00000000-0000-4000-8000-000000000000']],
    [['refresh', 'keys/one', '--now']],
    [['keys', 'usage']],
    [['doctor']],
    [['codec']],
    [['worker']],
  ])('is not enough for %j, and is told so at once', async (args) => {
    const { exitCode, stderr } = await run(args, reader('keys/'));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('this takes EVERTOKEN_ENCRYPTION_KEYS');
  });
});

describe('forget', () => {
  it('refuses a credential that is being kept', async () => {
    const { exitCode, stderr } = await evertoken(['forget', 'keys/two', '--yes']);
    expect([exitCode, stderr]).toEqual([
      1,
      'error: keys/two is being kept; stop it first with: evertoken stop keys/two\n',
    ]);
  });

  it(
    'removes a stopped one from Temporal and journal, so that its key is not needed for it',
    { timeout: 180_000 },
    async () => {
      await evertoken(['stop', 'keys/two']);
      await expect
        .poll(async () => (await evertoken(['status', 'keys/two'])).stdout)
        .toContain('stopped');
      const asked = await evertoken(['forget', 'keys/two']);
      expect([asked.exitCode, asked.stderr]).toEqual([
        2,
        'error: forget cannot ask without a terminal; agree with --yes\n',
      ]);
      const other = '00000000-0000-4000-8000-000000000000';
      const mistaken = await evertoken(['forget', 'keys/two', '--yes', '--journal', other]);
      expect(mistaken.exitCode).toBe(1);
      expect(mistaken.stderr).toMatch(
        /^error: keys\/two uses journal [0-9a-f-]{36} and not 00000000-.*; nothing was removed\n$/,
      );
      const { stdout } = await untilDeleted(() => asProcess(['forget', 'keys/two', '--yes']));
      expect(stdout).toMatch(/^keys\/two: forgotten \[runs=\d+, journal=[0-9a-f-]{36}\]\n$/);
      await expect.poll(async () => (await evertoken(['status', 'keys/two'])).exitCode).toBe(3);
      await expect
        .poll(async () => (await evertoken(['keys', 'usage'])).stdout)
        .toContain('1 journal entries (keys/one)');
    },
  );
});

describe('forget of what nobody keeps any more', () => {
  it('exits with 3 where neither Temporal nor the journal knows it, and names the journal', async () => {
    const { exitCode, stdout, stderr } = await evertoken(['forget', 'keys/typo', '--yes']);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(
      /^error: NOT_FOUND: nothing to forget: neither Temporal nor refresh journal [0-9a-f-]{36} knows it \[credential=keys\/typo\]\n$/,
    );
  });

  it('removes the journal entry that is left of it', async () => {
    const journal = await openJournal(
      stack.config.journal,
      stack.namespace.namespace,
      createSealer(stack.config.encryption),
    );
    try {
      const left = await journal.read('keys/one');
      await journal.update('keys/left', () => left && { ...left, credentialId: 'keys/left' });
      const { exitCode, stdout } = await evertoken(['forget', 'keys/left', '--yes']);
      expect([exitCode, stdout]).toEqual([
        0,
        `keys/left: forgotten [runs=0, journal=${journal.id}]\n`,
      ]);
      expect(await journal.read('keys/left')).toBeUndefined();
    } finally {
      await journal.close();
    }
  });

  it('does not look into a journal that no keeper uses', async () => {
    const EVERTOKEN_JOURNAL_DIR = join(stack.folder, 'other-journal');
    const { exitCode, stdout, stderr } = await evertoken(['forget', 'keys/typo', '--yes'], {
      EVERTOKEN_JOURNAL_DIR,
    });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('the refresh journal here is another one than the keepers use');
  });
});

it('forget says that the namespace does not exist, and exits with 5', async () => {
  const { address } = stack.namespace;
  const { exitCode, stderr } = await command.run(['forget', 'keys/one', '--yes'], {
    ...stack.env,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: 'no-such-namespace',
  });
  expect([exitCode, stderr]).toEqual([
    5,
    'error: UNAVAILABLE: the Temporal namespace does not exist [credential=keys/one]\n',
  ]);
});

describe('a key that is lost', () => {
  it(
    'is survived by forgetting the credential and applying new material, with no file deleted by hand',
    { timeout: 180_000 },
    async () => {
      const lostKey = ownKey();
      await stack.stopWorkers();
      const EVERTOKEN_ENCRYPTION_KEYS = generateKey();
      const withNewKey = { EVERTOKEN_ENCRYPTION_KEYS };
      await stack.startWorkers({ env: withNewKey });
      const unread = await evertoken(['token', 'keys/one'], withNewKey);
      expect(unread.stderr).toContain('sealed with a key that is not in the ring');
      const refused = await evertoken(['forget', 'keys/one', '--yes'], withNewKey);
      expect(refused.stderr).toContain('is being kept; stop it first');

      const forget = ['forget', 'keys/one', '--yes', '--terminate'];
      // Nobody can read any more which journal it used, and an entry in another one would stay.
      const strayJournal = { EVERTOKEN_JOURNAL_DIR: join(stack.folder, 'other-journal') };
      const beside = await evertoken(forget, { ...withNewKey, ...strayJournal });
      expect([beside.exitCode, beside.stdout]).toEqual([1, '']);
      const asked = await evertoken(forget, withNewKey);
      expect([asked.exitCode, asked.stdout]).toEqual([1, '']);
      const journalId = /say so with: --journal (\S+)/.exec(asked.stderr)?.[1] ?? '';
      const named = [...forget, '--journal', journalId];
      const astray = await evertoken(named, { ...withNewKey, ...strayJournal });
      expect(astray.stderr).toContain('the refresh journal here is another one');
      const forgotten = await untilDeleted(() => evertoken(named, withNewKey));
      expect([forgotten.stderr, forgotten.exitCode]).toEqual(['', 0]);
      const credentials = [stack.standIns.of('abitmedia').credential('keys/one')];
      await command.write('new-login.json', JSON.stringify({ credentials }));
      const applied = await evertoken(['apply', '-f', 'new-login.json'], withNewKey);
      expect(applied.stdout).toMatch(/^keys\/one: started/);
      expect((await evertoken(['refresh', 'keys/one'], withNewKey)).exitCode).toBe(0);
      const { stdout } = await evertoken(['keys', 'usage'], withNewKey);
      expect(stdout).not.toContain(idOf(lostKey));
    },
  );
});
