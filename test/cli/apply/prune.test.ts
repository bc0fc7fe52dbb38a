import { PassThrough } from 'node:stream';
import type { Client } from '@temporalio/client';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppliedCredential } from '../../../src/cli/apply/applied-credential.js';
import { prune } from '../../../src/cli/apply/prune.js';
import { confirmed } from '../../../src/cli/confirm.js';
import { scopedFile, unnamedIds } from '../../../src/cli/scoped-file.js';
import type { StandInCredential } from '../../../src/stand-ins/wire.js';
import type { CommandResult } from '../../support/command-runs.js';
import { replyWith } from '../../support/provider-scripts.js';
import { forceRequest } from '../../support/requests.js';
import { openRigAndCommand } from '../doctor/doctor-rig.js';

const { rig, command } = await openRigAndCommand();

describe('apply --prune', () => {
  const named = rig.stack.standIns.of('klavi').credential('prune/named');

  beforeAll(async () => {
    await writeFile(named);
    await apply();
  });
  beforeEach(async () => {
    await writeFile(named);
    await rig.keep('prune/gone');
    await listed('prune/gone');
  });

  async function writeFile(...credentials: readonly StandInCredential[]): Promise<void> {
    await command.write('credentials.json', JSON.stringify({ credentials }));
  }

  function apply(...args: readonly string[]): Promise<CommandResult> {
    return command.run(['apply', '-f', 'credentials.json', ...args], rig.env);
  }

  /** Resolves when the visibility store shows the keeper as running. */
  async function listed(id: string): Promise<void> {
    await expect
      .poll(async () => (await rig.tokens.list({ status: 'fresh' })).map((each) => each.id))
      .toContain(id);
  }

  async function isRunning(id: string): Promise<boolean> {
    return (await rig.keeper(id).describe()).status.name === 'RUNNING';
  }

  it('stops what the file does not name, cleanly, and says how to come back', async () => {
    const { exitCode, stdout, stderr } = await apply('--prune', '--yes');
    expect(exitCode).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^prune\/named: unchanged, token expires in /),
      'prune/gone: stopping',
    ]);
    expect(stderr).toBe(
      'running, but not named in credentials.json:\n' +
        '  prune/gone\n' +
        'applying 1 credential …\n' +
        'what was stopped keeps its last state for 30d; to go on with one, put it back into the file and apply\n',
    );
    await rig.ended('prune/gone');
    expect((await rig.keeper('prune/gone').describe()).status.name).toBe('COMPLETED');
    expect(await isRunning('prune/named')).toBe(true);
  });

  it('shows with --dry-run what it would do, and does nothing', async () => {
    await writeFile(named, rig.stack.standIns.of('klavi').credential('prune/new'));
    const { exitCode, stdout } = await apply('--prune', '--dry-run');
    expect([exitCode, stdout]).toEqual([
      0,
      'prune/named: would stay unchanged\nprune/new: would be started\nprune/gone: would be stopped\n',
    ]);
    expect(await isRunning('prune/gone')).toBe(true);
    await expect(rig.tokens.status('prune/new')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('touches nothing without a terminal in which it could ask, unless --yes agrees', async () => {
    await writeFile(rig.stack.standIns.of('klavi').credential('prune/unasked'));
    const { exitCode, stdout, stderr } = await apply('--prune');
    expect([exitCode, stdout, stderr]).toEqual([
      2,
      '',
      'error: --prune cannot ask without a terminal; look with --dry-run, agree with --yes\n',
    ]);
    expect(await isRunning('prune/gone')).toBe(true);
    await expect(rig.tokens.status('prune/unasked')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('stops nothing when a credential of the file failed', async () => {
    const body = '{"success":false,"status":400,"message":"Token de refresco inválido o expirado"}';
    await writeFile(named, rig.stack.standIns.of('abitmedia').credential('prune/broken'));
    await apply();
    rig.stack.standIns.of('abitmedia').answerNext(replyWith({ status: 400, body }));
    await rig.keepers.forceRefresh('prune/broken', forceRequest({ cuts: 'retry-after' }));
    await rig.ended('prune/broken');
    const { exitCode, stdout, stderr } = await apply('--prune', '--yes');
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/^prune\/broken: failed: /m);
    expect(stderr).toMatch(/^1 keeper not stopped, because a credential of the file failed$/m);
    expect(await isRunning('prune/gone')).toBe(true);
  });

  it('stops nothing for a file that names nothing', async () => {
    await writeFile();
    const { exitCode, stderr } = await apply('--prune', '--yes');
    expect([exitCode, stderr]).toEqual([
      2,
      'error: a file without credentials prunes nothing [file=credentials.json]\n',
    ]);
    expect(await isRunning('prune/gone')).toBe(true);
  });

  it('leaves alone what is outside of its scope', async () => {
    await rig.keep('other/owner');
    await listed('other/owner');
    const { exitCode, stdout } = await apply('--prune', '--scope', 'prune/', '--yes');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^prune\/gone: stopping$/m);
    expect(stdout).not.toMatch(/other/);
    await rig.ended('prune/gone');
    expect(await isRunning('other/owner')).toBe(true);
  });
});

/** A server that lets its caller stop keepers, and not look at the namespace. */
class ReticentServer {
  readonly options = { namespace: 'default' };
  readonly workflowService = this;
  readonly connection = {
    withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
  };

  async describeNamespace(): Promise<never> {
    throw new Error('permission denied');
  }
}

it('what was stopped is told also where nobody may ask for the retention', async () => {
  const session = {
    client: new ReticentServer() as unknown as Client,
    keepers: { stop: async () => 'stopping' as const },
  };
  const told: AppliedCredential[] = [];
  const results = await prune(session, ['a/1'], (result) => told.push(result));
  expect(results).toEqual([{ id: 'a/1', outcome: 'stopping', exitCode: 0 }]);
  expect(told).toEqual(results);
});

describe('the keepers that a file does not name', () => {
  const run = (id: string, execution: 'RUNNING' | 'COMPLETED' = 'RUNNING') => ({
    id,
    execution,
    hasReportedProblems: false,
  });

  it('are those that run in its scope, in order', () => {
    const file = scopedFile('f', [{ id: 'a/1', provider: 'klavi' }], 'a/');
    const runs = [run('a/3'), run('a/2'), run('a/1'), run('b/1'), run('a/4', 'COMPLETED')];
    expect(unnamedIds(runs, file)).toEqual(['a/2', 'a/3']);
  });

  it('are never those of another owner whose ids only begin with the same letters', () => {
    const named = [{ id: 'acme', provider: 'klavi' }];
    const ofAnother = [run('acme2'), run('acmecorp/1')];
    expect(unnamedIds(ofAnother, scopedFile('f', named, 'acme'))).toEqual([]);
    expect(() => scopedFile('f', [{ id: 'acme/1', provider: 'klavi' }], 'acme')).toThrow(
      'outside of the scope [id=acme/1, scope=acme]; a scope that is a prefix ends in /',
    );
  });

  it('are not looked for when the file names what its scope leaves out', () => {
    expect(() => scopedFile('f', [{ id: 'b/1', provider: 'klavi' }], 'a/')).toThrow(
      'the file names a credential outside of the scope [id=b/1, scope=a/]',
    );
  });
});

it.each([
  ['y\n', true],
  ['YES\n', true],
  ['\n', false],
  ['no\n', false],
  ['yesterday\n', false],
  ['', false],
])('takes the answer %j for %s', async (answer, isAgreed) => {
  const input = new PassThrough();
  input.end(answer);
  const output = new PassThrough();
  expect(await confirmed('stop 2 keepers?', { input, output })).toBe(isAgreed);
  expect(String(output.read())).toBe('stop 2 keepers? [y/N] ');
});
