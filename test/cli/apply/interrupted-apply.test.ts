import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { openRigAndCommand } from '../doctor/doctor-rig.js';
import { hangAfterWork, replyWith } from '../../support/provider-scripts.js';

const WAIT = { timeout: 60_000 };

const { rig, command } = await openRigAndCommand();

it.each([
  ['results', ['stdout']],
  ['results and progress', ['stdout', 'stderr']],
] as const)(
  'an apply whose %s nobody reads applies all of the file, and exits with the code of what failed',
  async (_what, outputs) => {
    const { standIns } = rig.stack;
    const body = '{"success":false,"status":400,"message":"Token de refresco inválido o expirado"}';
    standIns.of('abitmedia').answerNext(replyWith({ status: 400, body }));
    const refused = standIns.of('abitmedia').credential(`unread/${outputs.length}/refused`);
    await command.write('refused.json', JSON.stringify({ credentials: [refused] }));
    expect((await command.run(['apply', '-f', 'refused.json'], rig.env)).exitCode).toBe(4);

    const ids = Array.from({ length: 30 }, (_, index) => `unread/${outputs.length}/${index}`);
    const others = ids.map((id) => standIns.of('klavi').credential(id));
    await command.write('all.json', JSON.stringify({ credentials: [refused, ...others] }));
    const child = await command.start(['apply', '-f', 'all.json', '--no-wait'], rig.env);
    child.stderr.resume();
    for (const output of outputs) child[output].destroy();
    expect(await once(child, 'exit')).toEqual([4, null]);
    const kept = await Promise.allSettled(ids.map((id) => rig.keeper(id).describe()));
    expect(kept.filter(({ status }) => status === 'fulfilled')).toHaveLength(ids.length);
  },
);

it('an interrupted apply leaves what it knew, and ends as the signal has it', async () => {
  const { standIns } = rig.stack;
  const known = standIns.of('klavi').credential('interrupted/known');
  await command.write('known.json', JSON.stringify({ credentials: [known] }));
  expect((await command.run(['apply', '-f', 'known.json'], rig.env)).exitCode).toBe(0);

  standIns.of('abitmedia').answerNext(hangAfterWork());
  const slow = standIns.of('abitmedia').credential('interrupted/slow');
  await command.write('both.json', JSON.stringify({ credentials: [slow, known] }));
  const child = await command.start(['apply', '-f', 'both.json', '--output', 'json'], rig.env);
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
