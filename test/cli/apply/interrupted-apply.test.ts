import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hangAfterWork } from '../../../src/stand-ins/script.js';
import { BuiltCommand } from '../../support/built-command.js';
import { DoctorRig } from '../doctor/doctor-rig.js';

const WAIT = { timeout: 60_000 };

let rig: DoctorRig;
let command: BuiltCommand;
beforeAll(async () => {
  [rig, command] = await Promise.all([DoctorRig.open(), BuiltCommand.build()]);
});
afterAll(async () => {
  await Promise.all([rig.stack.close(), command.remove()]);
});

it('an interrupted apply leaves what it knew, and ends as the signal has it', async () => {
  const { standIns } = rig.stack;
  const known = standIns.of('klavi').credential('interrupted/known');
  await command.write('known.json', JSON.stringify({ credentials: [known] }));
  expect((await command.run(['apply', '-f', 'known.json'], rig.env)).exitCode).toBe(0);

  standIns.of('abitmedia').answerNext(hangAfterWork());
  const slow = standIns.of('abitmedia').credential('interrupted/slow');
  await command.write('both.json', JSON.stringify({ credentials: [slow, known] }));
  const child = command.start(['apply', '-f', 'both.json', '--output', 'json'], rig.env);
  const printed = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  await expect
    .poll(() => rig.tokens.status('interrupted/slow').catch(() => undefined), WAIT)
    .toBeDefined();
  child.kill('SIGINT');

  const [stdout, stderr, ended] = await printed;
  expect(ended).toEqual([null, 'SIGINT']);
  expect(JSON.parse(stdout)).toMatchObject([{ id: 'interrupted/known', outcome: 'unchanged' }]);
  expect(stderr).toMatch(/^interrupted; what became of 1 of 2 is known$/m);
});
