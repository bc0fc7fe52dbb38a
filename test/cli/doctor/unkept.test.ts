import { describe, expect, it } from 'vitest';
import { credentialFindings } from '../../../src/cli/doctor/credential-findings.js';
import {
  KEEPER_TASK_QUEUE,
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
} from '../../../src/contract/names.js';
import type { KeeperRun } from '../../../src/keepers/runs.js';
import { replyWith } from '../../support/provider-scripts.js';
import { forceRequest } from '../../support/requests.js';
import { naming, openRigAndCommand } from './doctor-rig.js';

const { rig, command } = await openRigAndCommand();

/** Writes a file with the credential, as an operator has it. */
async function writeFile(id: string): Promise<void> {
  const credentials = [rig.stack.standIns.of('klavi').credential(id)];
  await command.write('credentials.json', JSON.stringify({ credentials }));
}

/** Runs the command that a finding names, as an operator would. */
async function runRepair(repair: string | undefined): Promise<void> {
  const [program, ...args] = (repair ?? '').split(' ');
  expect(program).toBe('evertoken');
  expect(await command.run(args, rig.env)).toMatchObject({ exitCode: 0 });
}

describe('a credential that the file names but no keeper holds', () => {
  it('is found if it was never started, and the command that is named repairs it', async () => {
    await writeFile('unkept/never');
    const file = naming('unkept/never');
    const found = await rig.troubleOf('unkept/never', file);
    expect(found).toEqual({
      level: 'fail',
      check: 'credentials',
      subject: 'unkept/never',
      problem: 'never-started',
      text: 'unkept/never has no keeper, and none that ended within the retention',
      repair: 'evertoken apply -f credentials.json',
    });
    await runRepair(found?.repair);
    expect(await rig.troubleOf('unkept/never', file)).toBeUndefined();
  });

  it('is found if its keeper was terminated, and the command that is named repairs it', async () => {
    const id = 'unkept/terminated';
    await writeFile(id);
    await runRepair('evertoken apply -f credentials.json');
    await rig.keeper(id).terminate();
    const found = await rig.troubleOf(id, naming(id));
    expect(found).toMatchObject({
      level: 'fail',
      problem: 'terminated',
      text: expect.stringMatching(/^unkept\/terminated was terminated \d+s ago$/) as string,
    });
    await runRepair(found?.repair);
    expect(await rig.troubleOf(id, naming(id))).toBeUndefined();
    expect(await rig.tokens.get(id)).toMatchObject({ status: 'fresh' });
  });

  it('is found if its run timed out', async () => {
    const id = 'unkept/timed-out';
    await rig.stack.client.workflow.start(KEEPER_WORKFLOW_TYPE, {
      workflowId: keeperWorkflowId(id),
      taskQueue: KEEPER_TASK_QUEUE,
      args: [],
      workflowExecutionTimeout: '1s',
      startDelay: '1 hour',
    });
    await rig.ended(id);
    expect(await rig.troubleOf(id, naming(id))).toMatchObject({
      level: 'fail',
      problem: 'timed-out',
      repair: 'evertoken apply -f credentials.json',
    });
  });

  it('is found if it was stopped, but not where no file says that it should be kept', async () => {
    const id = 'unkept/stopped';
    await rig.keep(id);
    await rig.keepers.stop(id);
    await rig.ended(id);
    expect(await rig.troubleOf(id, naming(id))).toMatchObject({
      level: 'fail',
      problem: 'stopped',
      repair: 'evertoken apply -f credentials.json',
    });
    expect(await rig.troubleOf(id)).toBeUndefined();
  });

  it('is found if it failed for good, with the code and how to correct it or give it new material', async () => {
    const id = 'unkept/failed';
    await rig.keep(id);
    const body = '{"statusCode":400,"error":"revoked","message":"bad"}';
    rig.stack.standIns.of('klavi').answerNext(replyWith({ status: 400, body }));
    await rig.keepers.forceRefresh(id, forceRequest({ cuts: 'retry-after' }));
    await rig.ended(id);
    const found = await rig.troubleOf(id, naming(id));
    expect(found).toMatchObject({
      level: 'fail',
      problem: 'failed',
      repair: 'evertoken apply -f credentials.json',
    });
    expect(found?.text).toMatch(
      /^unkept\/failed failed \d+s ago \[code=\w+, status=400\]: .*put new material into it$/,
    );
    await writeFile(id);
    await runRepair(found?.repair);
    expect(await rig.troubleOf(id, naming(id))).toBeUndefined();
  });

  it('is not reported only because the visibility store lags', async () => {
    const id = 'unkept/lagging';
    await rig.keep(id);
    const look = (runs: readonly KeeperRun[]) =>
      credentialFindings(rig.session, { runs, file: naming(id), isServed: true });
    const well = [{ level: 'ok', check: 'credentials', text: '1, none in trouble' }];
    expect(await look([])).toEqual(well);
    expect(await look([{ id, execution: 'TERMINATED', hasReportedProblems: false }])).toEqual(well);
    // One that has ended, and that the file does not name, is neither looked at nor counted.
    const other = { id: `${id}/ended`, execution: 'FAILED', hasReportedProblems: false } as const;
    expect(await look([{ id, execution: 'RUNNING', hasReportedProblems: false }, other])).toEqual(
      well,
    );
    const missing = credentialFindings(rig.session, {
      runs: [],
      file: naming(`${id}/not`),
      isServed: true,
    });
    expect(await missing).toMatchObject([{ problem: 'never-started' }]);
  });
});

describe('a keeper that the file does not name', () => {
  it('is a warning, with the command that shows what pruning would do', async () => {
    await rig.keep('unnamed/one');
    const file = { ...naming('unnamed/two'), scope: 'unnamed/' };
    await expect
      .poll(async () => (await rig.examine(file)).find(({ problem }) => problem === 'not-in-file'))
      .toEqual({
        level: 'warn',
        check: 'credentials',
        problem: 'not-in-file',
        text: '1 running that credentials.json does not name: unnamed/one',
        repair: 'evertoken apply -f credentials.json --prune --scope unnamed/ --dry-run',
      });
  });
});

describe('a keeper that was terminated', () => {
  it('has a status that says so and when, and what starts it again', async () => {
    const id = 'status/terminated';
    await rig.keep(id);
    await rig.keeper(id).terminate();
    const status = await rig.tokens.status(id);
    expect(status).toMatchObject({
      status: 'stopped',
      refreshing: false,
      lastFailure: {
        code: 'keeper_ended',
        atMs: (await rig.keeper(id).describe()).closeTime?.getTime(),
        action: expect.stringMatching(/evertoken apply -f FILE$/) as string,
      },
    });
    expect(status.nextRefreshAtMs).toBeUndefined();
  });
});
