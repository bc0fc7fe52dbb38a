import { describe, expect, it } from 'vitest';
import type { StandInCredential } from '../../../src/stand-ins/wire.js';
import type { CommandResult } from '../../support/command-runs.js';
import { openRigAndCommand } from '../doctor/doctor-rig.js';

const { rig, command } = await openRigAndCommand();

async function apply(
  credentials: readonly StandInCredential[],
  ...args: readonly string[]
): Promise<CommandResult> {
  await command.write('credentials.json', JSON.stringify({ credentials }));
  return command.run(['apply', '-f', 'credentials.json', ...args], rig.env);
}

/** A credential whose first refresh token is spent, as the visibility store shows it. */
async function kept(id: string): Promise<StandInCredential> {
  const credential = rig.stack.standIns.of('oauth2').credential(id);
  expect((await apply([credential])).exitCode).toBe(0);
  await listed(id, 'fresh');
  return credential;
}

async function listed(id: string, status: 'fresh' | 'stopped'): Promise<void> {
  await expect
    .poll(async () => (await rig.tokens.list({ status })).map((each) => each.id))
    .toContain(id);
}

function requests(): number {
  return rig.stack.standIns.of('oauth2').requests.length;
}

describe('a refresh token that a keeper was applied with', () => {
  it('is not sent for another id to which the file was changed, and its own credential goes on', async () => {
    const before = await kept('renamed/before');
    const sent = requests();
    const renamed = { ...before, id: 'renamed/after' };
    const { exitCode, stdout } = await apply([renamed], '--prune', '--scope', 'renamed/', '--yes');
    expect([exitCode, stdout]).toEqual([
      4,
      'renamed/after: failed: its refreshToken is the one that renamed/before was applied with, and a refresh spends it: ' +
        'to send it for this id, too, could end the grant of both; ' +
        'keep the id renamed/before, or obtain a login of its own for this one\n',
    ]);
    expect(requests()).toBe(sent);
    expect((await command.run(['refresh', before.id], rig.env)).exitCode).toBe(0);
  });

  it('is not sent for another id once its keeper has stopped, and the keeper can go on with it', async () => {
    const before = await kept('stopped/before');
    await command.run(['stop', before.id], rig.env);
    await rig.ended(before.id);
    await listed(before.id, 'stopped');
    const sent = requests();
    expect((await apply([{ ...before, id: 'stopped/after' }])).exitCode).toBe(4);
    expect(requests()).toBe(sent);
    expect((await apply([before])).stdout).toMatch(/^stopped\/before: restarted, /);
    expect((await command.run(['refresh', before.id], rig.env)).exitCode).toBe(0);
  });

  it('is not sent for a credential that has a keeper with a login of its own', async () => {
    const [one, other] = [await kept('swapped/one'), await kept('swapped/other')];
    const sent = requests();
    const swapped = [
      { ...one, material: other.material },
      { ...other, material: one.material },
    ];
    const { exitCode, stdout } = await apply(swapped);
    expect([exitCode, stdout.match(/failed: its refreshToken is the one that/g)]).toEqual([
      4,
      [expect.anything(), expect.anything()],
    ]);
    expect(requests()).toBe(sent);
  });

  it('is shown as refused by a dry run', async () => {
    const before = await kept('dry/before');
    const { exitCode, stdout } = await apply([{ ...before, id: 'dry/after' }], '--dry-run');
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(
      /^dry\/after: would be refused: its refreshToken is the one that dry\/before /,
    );
  });
});
