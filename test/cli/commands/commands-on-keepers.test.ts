import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keeperWorkflowId } from '../../../src/contract/names.js';
import { generateKey } from '../../../src/encryption/key-ring.js';
import type { CommandResult } from '../../support/command-runs.js';
import { EvertokenCommand } from '../../support/evertoken-command.js';
import { FullStack } from '../../support/full-stack.js';
import { replyWith } from '../../support/provider-scripts.js';
import { openTestNamespace } from '../../support/test-namespace.js';

let stack: FullStack;
let command: EvertokenCommand;

beforeAll(async () => {
  [stack, command] = await Promise.all([
    FullStack.open({ openNamespace: openTestNamespace }),
    EvertokenCommand.open(),
  ]);
});
afterAll(async () => {
  await Promise.all([stack.close(), command.remove()]);
});

function environment(): Record<string, string> {
  const { address, namespace } = stack.namespace;
  return { ...stack.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
}

function evertoken(args: string[], env: Record<string, string> = {}): Promise<CommandResult> {
  return command.run(args, { ...environment(), ...env });
}

/** As a shell runs it: each command once, and each way to end. */
function asProcess(...args: string[]): Promise<CommandResult> {
  return command.runAsProcess(args, environment());
}

async function apply(...ids: string[]): Promise<CommandResult> {
  const credentials = ids.map((id) => stack.standIns.of('klavi').credential(id));
  await command.write('credentials.json', JSON.stringify({ credentials }));
  return evertoken(['apply', '-f', 'credentials.json']);
}

it('applies a file and says what became of each credential', async () => {
  const first = await apply('cli/one', 'cli/two');
  expect(first.exitCode).toBe(0);
  expect(first.stdout.trim().split('\n').sort()).toEqual([
    expect.stringMatching(/^cli\/one: started, token expires in 59m \d+s$/),
    expect.stringMatching(/^cli\/two: started, token expires in 59m \d+s$/),
  ]);
  const again = await asProcess('apply', '-f', 'credentials.json', '--output', 'json');
  expect(JSON.parse(again.stdout)).toEqual([
    expect.objectContaining({ outcome: 'unchanged', status: 'fresh' }),
    expect.objectContaining({ outcome: 'unchanged', status: 'fresh' }),
  ]);
});

it('ends a list that is printed again and again once nobody reads it, with 0', async () => {
  const { address, namespace } = stack.namespace;
  const env = { ...stack.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  const child = await command.start(['list', '--watch'], env);
  child.stderr.resume();
  child.stdout.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('prints the token alone, or all that a program needs', async () => {
  await apply('cli/token');
  const [alone, json] = await Promise.all([
    asProcess('token', 'cli/token'),
    evertoken(['token', 'cli/token', '--output', 'json']),
  ]);
  expect(alone.stdout).toMatch(/^eyJ[\w.-]+\n$/);
  expect(JSON.parse(json.stdout)).toEqual({
    id: 'cli/token',
    token: alone.stdout.trim(),
    tokenType: 'Bearer',
    expiresAt: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
    generation: 0,
    status: 'fresh',
  });
});

it('shows status and list without the secret', async () => {
  await apply('cli/shown');
  const token = (await evertoken(['token', 'cli/shown'])).stdout.trim();
  const shown = await Promise.all([
    asProcess('status', 'cli/shown'),
    evertoken(['status', 'cli/shown', '--output', 'json']),
    evertoken(['list', '--provider', 'klavi']),
    asProcess('list', '--output', 'json'),
  ]);
  for (const { exitCode, stdout } of shown) {
    expect(exitCode).toBe(0);
    expect(stdout).toContain('cli/shown');
    expect(stdout).toContain('fresh');
    expect(stdout).not.toContain(token);
  }
});

it('shows when the material expires, where the provider says so', async () => {
  const standIn = stack.standIns.of('oauth2');
  standIn.answerNext((faithful) => {
    const reply = faithful();
    return { ...reply, body: reply.body.replace('{', '{"refresh_token_expires_in":86400,') };
  });
  const credentials = [standIn.credential('cli/material')];
  await command.write('material.json', JSON.stringify({ credentials }));
  await evertoken(['apply', '-f', 'material.json']);
  const text = await evertoken(['status', 'cli/material']);
  expect(text.stdout).toMatch(/^material ends: in 23h 59m \(\d{4}-.*Z\)$/m);
  const json = await evertoken(['status', 'cli/material', '--output', 'json']);
  expect(JSON.parse(json.stdout)).toMatchObject({
    materialExpiresAt: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
  });
});

it('forces a refresh and waits for it, unless told not to', async () => {
  await apply('cli/refresh');
  const { refreshes } = stack.standIns.of('klavi');
  const waited = await evertoken(['refresh', 'cli/refresh', '--now', '--output', 'json']);
  expect(JSON.parse(waited.stdout)).toMatchObject({ generation: 1, status: 'fresh' });
  const asked = await evertoken(['refresh', 'cli/refresh', '--no-wait']);
  expect(asked).toMatchObject({ exitCode: 0, stdout: 'cli/refresh: refresh requested\n' });
  // It is made 10 s after the first; until then it would take an answer that another test prepares.
  const made = (): number => stack.standIns.of('klavi').refreshes - refreshes;
  await expect.poll(made).toBe(2);
});

it('exits with 3 for a credential that nobody keeps', async () => {
  const results = await Promise.all(
    ['token', 'status', 'refresh', 'stop'].map((name) =>
      name === 'token' ? asProcess(name, 'cli/none') : evertoken([name, 'cli/none']),
    ),
  );
  for (const { exitCode, stderr } of results) {
    expect([exitCode, stderr]).toEqual([
      3,
      'error: NOT_FOUND: no such credential; apply it first [credential=cli/none]\n',
    ]);
  }
});

it.each([
  ['stopped', 'stopped'],
  ['terminated', 'keeper_ended'],
])(
  'a refresh of a credential that was %s exits with 4, and says how to start it again',
  async (how, code) => {
    const id = `cli/refreshed-${how}`;
    await apply(id);
    const keeper = stack.client.workflow.getHandle(keeperWorkflowId(id));
    await (how === 'stopped' ? evertoken(['stop', id]) : keeper.terminate());
    await keeper.result().catch(() => undefined);
    for (const args of [[], ['--no-wait'], ['--now']]) {
      const { exitCode, stderr } = await evertoken(['refresh', id, ...args]);
      expect(exitCode).toBe(4);
      expect(stderr).toContain(`code=${code}`);
      expect(stderr).toContain('evertoken apply -f FILE');
    }
  },
);

it('exits with 4 for a credential that failed for good, and says what to do', async () => {
  await apply('cli/dead');
  stack.standIns.of('klavi').answerNext(
    replyWith({
      status: 400,
      body: '{"statusCode":400,"error":"revoked","message":"bad"}',
    }),
  );
  const { exitCode, stderr } = await asProcess('refresh', 'cli/dead');
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(
    /^error: PERMANENTLY_FAILED: no token \[provider=klavi, code=\w+, status=400\]/,
  );
  expect(stderr).toMatch(/or else put new material into it and run: evertoken apply -f FILE/);

  // Nothing says that a 400 without a code spent the material, so the same file may try again.
  const again = await evertoken(['apply', '-f', 'credentials.json']);
  expect(again.stdout).toMatch(/^cli\/dead: restarted, token expires in 59m/);
  const credentials = [stack.standIns.of('klavi').credential('cli/dead')];
  await command.write('new.json', JSON.stringify({ credentials }));
  const renewed = await asProcess('reauthorize', 'cli/dead', '-f', 'new.json');
  expect(renewed.stdout).toMatch(/^cli\/dead: reauthorized, token expires in 59m/);
});

it('says UNDECIPHERABLE with other keys, without a stack trace', async () => {
  await apply('cli/keys');
  const { exitCode, stdout, stderr } = await evertoken(['token', 'cli/keys'], {
    EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
  });
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^error: UNDECIPHERABLE: .*check EVERTOKEN_ENCRYPTION_KEYS/);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

it('stops a keeper, whose token stays readable', async () => {
  await apply('cli/stop');
  expect((await asProcess('stop', 'cli/stop')).exitCode).toBe(0);
  await expect
    .poll(async () => (await evertoken(['status', 'cli/stop'])).stdout)
    .toMatch(/status: +stopped/);
  expect((await evertoken(['token', 'cli/stop'])).exitCode).toBe(0);
});

it('revokes a grant only where somebody agrees, and says why it could not', async () => {
  const credentials = [
    stack.standIns.of('oauth2').credential('cli/revoke'),
    stack.standIns.of('klavi').credential('cli/no-endpoint'),
  ];
  await command.write('revoke.json', JSON.stringify({ credentials }));
  await evertoken(['apply', '-f', 'revoke.json']);
  const asked = await evertoken(['stop', 'cli/revoke', '--revoke']);
  expect([asked.exitCode, asked.stderr]).toEqual([
    2,
    'error: stop --revoke cannot ask without a terminal; agree with --yes\n',
  ]);
  const refused = await evertoken(['stop', 'cli/no-endpoint', '--revoke', '--yes']);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('not revoked [provider=klavi, code=no_revocation_endpoint]');
  const { exitCode, stdout } = await evertoken(['stop', 'cli/revoke', '--revoke', '--yes']);
  expect([exitCode, stdout]).toEqual([
    0,
    'cli/revoke: revoked and stopped; a new login is needed to keep it again\n',
  ]);
  expect((await evertoken(['token', 'cli/revoke'])).exitCode).toBe(4);
  expect((await evertoken(['stop', 'cli/revoke', '--revoke', '--yes'])).exitCode).toBe(1);
});

it('finds nothing to complain about in doctor; without a worker it still reads, and exits with 5 where it needs one', async () => {
  const credentials = [stack.standIns.of('klavi').credential('cli/doctor')];
  await command.write('doctor.json', JSON.stringify({ credentials }));
  await evertoken(['apply', '-f', 'doctor.json']);
  const well = await asProcess('doctor', '--output', 'json');
  const levels = (JSON.parse(well.stdout) as { level: string; check: string }[])
    .filter(({ check }) => check !== 'credentials')
    .map(({ level }) => level);
  expect(new Set(levels)).toEqual(new Set(['ok']));

  await stack.stopWorkers();
  expect((await evertoken(['token', 'cli/doctor'])).exitCode).toBe(0);
  expect((await evertoken(['status', 'cli/doctor'])).exitCode).toBe(0);
  const { exitCode, stderr } = await asProcess('refresh', 'cli/doctor');
  expect([exitCode, stderr]).toEqual([
    5,
    'error: UNAVAILABLE: no worker answers; start one with: evertoken worker [credential=cli/doctor]\n',
  ]);
});
