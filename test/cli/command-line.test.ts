import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/program.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { EvertokenCommand } from '../support/evertoken-command.js';
import { shared } from '../support/shared-resources.js';

let command: EvertokenCommand;
beforeAll(async () => {
  command = await EvertokenCommand.open();
});
afterAll(() => command.remove());

describe('help', () => {
  it('names every command and every exit code', async () => {
    const { exitCode, stdout } = await command.runAsProcess(['--help']);
    expect(exitCode).toBe(0);
    for (const name of Object.keys(COMMANDS)) expect(stdout).toContain(`\n  ${name} `);
    expect(stdout).toMatch(/0 done, 1 failed, 2 usage[^]*3 no such credential/);
  });

  it.each(Object.keys(COMMANDS))('of %s is there', async (name) => {
    const { exitCode, stdout } = await command.run([name, '--help']);
    expect([exitCode, stdout.startsWith(`Usage: evertoken ${name}`)]).toEqual([0, true]);
  });
});

describe('a mistake in the command line exits with 2 and one clear sentence', () => {
  it.each([
    ['an unknown command', ['frobnicate'], /unknown command 'frobnicate'/],
    ['a missing id', ['token'], /missing required argument 'id'/],
    ['an id that cannot be one', ['token', 'NOT AN ID'], /A credential id begins with/],
    [
      'a duration without a unit',
      ['token', 'a', '--min-validity', '60'],
      /such as 30s, 5m, 12h or 1d/,
    ],
    [
      'an unknown output format',
      ['status', 'a', '--output', 'xml'],
      /Allowed choices are text, json/,
    ],
    ['an unknown status', ['list', '--status', 'happy'], /Allowed choices are fresh/],
    ['a look that may take no time', ['doctor', '--timeout', '0s'], /longer than nothing/],
    ['a run that takes no time', ['dev', '--for', '0s'], /longer than nothing/],
    ['a journal that can be none', ['forget', 'a', '--journal', 'x'], /id of a journal is a UUID/],
    ['no file', ['apply'], /required option '-f, --file <file>' not specified/],
    ['an unknown provider', ['providers', 'nope'], /unknown provider \[name=nope/],
  ])('for %s', async (_what, args, message) => {
    const { exitCode, stdout, stderr } = await command.run(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('for missing keys, naming the variable and how to make one', async () => {
    const { exitCode, stderr } = await command.runAsProcess(['token', 'a']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/EVERTOKEN_ENCRYPTION_KEYS: missing; make a key with/);
  });
});

it('exits with 2 when a reader asks for what only owners may, before it asks the server', async () => {
  const owner = KeyRing.parse(generateKey());
  const { exitCode, stderr } = await command.run(['refresh', 'a', '--now'], {
    TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
    EVERTOKEN_READER_KEYS: owner.readerKeys('').join(),
  });
  expect([exitCode, stderr]).toEqual([
    2,
    'error: this takes EVERTOKEN_ENCRYPTION_KEYS; with EVERTOKEN_READER_KEYS there are token, status, list, ' +
      'refresh without --now, and keys reader\n',
  ]);
});

it.each([
  ['file', 'apply', '-f', 'one.yaml', '--file', 'two.yaml'],
  ['scope', 'apply', '-f', 'one.yaml', '--prune', '--scope', 'a/', '--scope', 'b/'],
  ['scope of reader keys', 'keys', 'reader', '--scope', 'a/', '--scope', 'b/'],
  ['status', 'list', '--status', 'failed', '--status', 'expired'],
  ['time limit', 'doctor', '--timeout', '5s', '--timeout', '6s'],
])('exits with 2 for a second %s, of which only the last would count', async (_what, ...args) => {
  const { exitCode, stdout, stderr } = await command.run(args, {
    EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
  });
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: option '.*' may be given only once\n/);
});

describe('a credentials file that cannot be used exits with 2', () => {
  it('and one error that names file, line, credential and field of a typing mistake', async () => {
    await command.write(
      'typo.yaml',
      'credentials:\n  - id: acme/klavi\n    provider: klavi\n    materiel: { accessToken: canary }\n',
    );
    const { exitCode, stderr } = await command.run(['apply', '-f', 'typo.yaml']);
    expect(exitCode).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([
      'error: typo.yaml:4: credential acme/klavi, field materiel: unknown field; did you mean material?',
    ]);
  });

  it('when it does not exist', async () => {
    const { exitCode, stderr } = await command.run(['apply', '-f', 'none.yaml']);
    expect([exitCode, stderr]).toEqual([2, 'error: none.yaml: cannot be read\n']);
  });

  it('but reauthorize needs the secrets of its own credential alone', async () => {
    await command.write(
      'others.yaml',
      'credentials:\n' +
        '  - { id: a, provider: vmware-csp, material: { apiToken: { $env: SET_HERE } } }\n' +
        '  - { id: b, provider: vmware-csp, material: { apiToken: { $env: NOT_SET_HERE } } }\n',
    );
    const env = {
      SET_HERE: 'x',
      TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
      EVERTOKEN_ALLOW_PLAINTEXT: 'true',
    };
    // It comes as far as the server.
    expect(await command.run(['reauthorize', 'a', '-f', 'others.yaml'], env)).toMatchObject({
      exitCode: 5,
    });
    expect(await command.run(['reauthorize', 'b', '-f', 'others.yaml'], env)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('[name=NOT_SET_HERE]') as unknown,
    });
  });

  it('when the credential to reauthorize is not in it', async () => {
    await command.write(
      'one.yaml',
      'credentials: [{ id: a, provider: vmware-csp, material: { apiToken: x } }]',
    );
    const { exitCode, stderr } = await command.run(['reauthorize', 'b', '-f', 'one.yaml']);
    expect([exitCode, stderr]).toEqual([
      2,
      'error: no such credential in the file [id=b, file=one.yaml]\n',
    ]);
  });
});

it('exits with 5 when Temporal cannot be reached', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const { exitCode, stderr } = await command.run(['token', 'a'], {
    TEMPORAL_ADDRESS: address,
    EVERTOKEN_ALLOW_PLAINTEXT: 'true',
  });
  expect(exitCode).toBe(5);
  expect(stderr).toBe(`error: temporal cannot be reached [address=${address}]\n`);
});

it.runIf(existsSync('/dev/full'))(
  'says that a full disk did not take its result, and fails',
  async () => {
    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [await shared('commandPath'), 'keys', 'generate'], {
      stdio: ['ignore', full.fd, 'pipe'],
    });
    if (child.stderr === null) throw new Error('the process has no output');
    const [stderr] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    await full.close();
    expect([child.exitCode, stderr]).toEqual([
      1,
      'error: standard output cannot be written [code=ENOSPC]\n',
    ]);
  },
);

it('makes keys that a key ring takes', async () => {
  const { exitCode, stdout } = await command.runAsProcess(['keys', 'generate']);
  expect(exitCode).toBe(0);
  expect(stdout).toBe(`${stdout.trim()}\n`);
  expect(KeyRing.parse(stdout.trim()).sealingKeyId).toMatch(/^key-[0-9a-f]{8}$/);
});

it('shows what a provider needs, for people and for programs', async () => {
  const forPeople = await command.run(['providers', 'klavi']);
  expect(forPeople.stdout).toMatch(/accessToken +required +The current access token/);
  const forPrograms = await command.run(['providers', 'klavi', '--output', 'json']);
  expect(JSON.parse(forPrograms.stdout)).toMatchObject({
    name: 'klavi',
    config: expect.arrayContaining([
      expect.objectContaining({ name: 'baseUrl', default: 'https://api.klavi.ai' }),
    ]) as unknown,
  });
});
