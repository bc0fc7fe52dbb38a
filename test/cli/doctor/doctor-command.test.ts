import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { openRigAndCommand } from './doctor-rig.js';

const { rig, command } = await openRigAndCommand();

/** Writes a file that names these credentials, with material that only `apply` could read. */
async function nameInFile(...ids: readonly string[]): Promise<void> {
  const material = { accessToken: { $env: 'NOT_SET_FOR_A_MONITOR' } };
  const credentials = ids.map((id) => ({ id, provider: 'klavi', material }));
  await command.write('credentials.json', JSON.stringify({ credentials }));
}

function doctor(...args: readonly string[]) {
  return command.run(['doctor', ...args], rig.env);
}

it('exits with 0 and is silent on request if all is well, and needs no secret of the file', async () => {
  await rig.keep('command/one');
  await nameInFile('command/one');
  for (const output of ['text', 'json']) {
    expect(await doctor('-f', 'credentials.json', '--quiet', '--output', output)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  }
});

it('exits with 1 if a credential is not kept, with one line for it and the command that repairs it', async () => {
  await nameInFile('command/one', 'command/two');
  const text = await doctor('-f', 'credentials.json', '--quiet');
  expect(text).toEqual({
    exitCode: 1,
    stdout:
      'fail  credentials       command/two has no keeper, and none that ended within the retention; run: evertoken apply -f credentials.json\n',
    stderr: '',
  });
  const json = await doctor('-f', 'credentials.json', '--quiet', '--output', 'json');
  expect(JSON.parse(json.stdout)).toMatchObject([
    { level: 'fail', subject: 'command/two', problem: 'never-started' },
  ]);
});

it.each([
  [['-f', 'credentials.json', '--scope', 'other/'], /outside of the scope \[id=command\/one/],
  [['--scope', 'other/'], /--scope needs -f FILE/],
  [['--watch', '0s'], /It must be 1s or more/],
  [['--watch', '25d'], /It must be 24d or less/],
  [['--timeout', '60d'], /It must be 24d or less/],
  [['--watch', '1s', '--quiet'], /cannot be used with option/],
  [['-f', 'none.json'], /none\.json: cannot be read/],
])('exits with 2 for %j', async (args, message) => {
  const { exitCode, stderr } = await doctor(...args);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
});

it('watches: tells what newly fails and what recovered, and ends with what held last', async () => {
  const id = 'command/watched';
  await rig.keep(id);
  await nameInFile('command/one', id);
  const args = ['doctor', '-f', 'credentials.json', '--watch', '1s', '--output', 'json'];
  const child = await command.start(args, rig.env);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<object> =>
    JSON.parse(String((await lines.next()).value)) as object;
  const at = expect.stringMatching(/^\d{4}-.*Z$/) as string;

  expect(await next()).toMatchObject({ at, level: 'ok', check: 'examination' });
  await rig.keeper(id).terminate();
  expect(await next()).toMatchObject({ at, level: 'fail', subject: id, problem: 'terminated' });
  await rig.keepers.apply(rig.stack.spec('klavi', id));
  expect(await next()).toMatchObject({
    at,
    level: 'ok',
    subject: id,
    text: `${id} recovered [was=terminated]`,
  });
  await command.write('credentials.json', '{');
  expect(await next()).toMatchObject({ at, level: 'fail', check: 'examination', problem: 'error' });
  await nameInFile('command/one', id, 'command/three');
  expect(await next()).toMatchObject({ at, level: 'fail', subject: 'command/three' });
  expect(await next()).toMatchObject({ at, level: 'ok', check: 'examination' });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([1, null]);
});

it('exits with 0 when a watch that found nothing wrong is ended', async () => {
  await nameInFile('command/one');
  const args = ['doctor', '-f', 'credentials.json', '--scope', 'command/one', '--watch'];
  const child = await command.start(args, rig.env);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  expect(line).toMatch(/^\d{4}-\S+Z {2}ok {4}examination {7}nothing wrong in \d+ findings$/);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
