import { afterAll, beforeAll, expect, it } from 'vitest';
import { keeperWorkflowId } from '../../../src/contract/names.js';
import { KeeperAdministration } from '../../../src/keepers/administration.js';
import { listKeeperRuns } from '../../../src/keepers/runs.js';
import { isPolled, keeperQueueFacts } from '../../../src/keepers/task-queue-facts.js';
import { TemporalKeepers } from '../../../src/keepers/temporal-keepers.js';
import { Attacker, plain } from '../../attacks/attacker.js';
import type { CommandResult } from '../../support/command-runs.js';
import { EvertokenCommand } from '../../support/evertoken-command.js';
import { FullStack } from '../../support/full-stack.js';
import { openTestNamespace } from '../../support/test-namespace.js';

let stack: FullStack;
let command: EvertokenCommand;
let reader: TemporalKeepers;

beforeAll(async () => {
  [stack, command] = await Promise.all([
    FullStack.open({ openNamespace: openTestNamespace }),
    EvertokenCommand.open(),
  ]);
  reader = new TemporalKeepers(stack.client);
});
afterAll(() => Promise.all([stack.close(), command.remove()]));

function move(...args: readonly string[]): Promise<CommandResult> {
  const { address, namespace } = stack.namespace;
  return command.run(['journal', 'move', ...args], {
    ...stack.env,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
  });
}

const NEW = '00000000-0000-4000-8000-000000000001';
const OTHER = '00000000-0000-4000-8000-000000000002';
const IDS = ['fleet/one', 'fleet/two', 'fleet/three'];
/** As many as are asked at once. */
const NOBODYS = 8;

it('“journal move” may be repeated, and refuses a journal that no keeper uses', async () => {
  const id = 'repeated/one';
  await new KeeperAdministration(stack.client).apply(stack.spec('abitmedia', id));
  await expect
    .poll(async () => (await reader.status(id).catch(() => undefined))?.journalId)
    .toBeDefined();
  const { journalId: used = '' } = await reader.status(id);
  const mistyped = await move('--all', '--from', 'mistyped', '--to', NEW);
  expect(mistyped).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `0 of 1 running keepers moved\nerror: no running keeper uses journal mistyped [uses=${used}]\n`,
  });
  expect(await move('--all', '--from', used, '--to', 'mistyped')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('The id of a journal is a UUID') as unknown,
  });
  expect((await reader.status(id)).journalId).toBe(used);
  const results = [
    await move(id, '--to', NEW),
    await move(id, '--to', NEW),
    await move(id, '--from', 'mistyped', '--to', OTHER),
    await move('--all', '--from', 'long-gone', '--to', NEW),
  ];
  expect(results).toEqual([
    { exitCode: 0, stdout: `${id}: uses journal ${NEW}\n`, stderr: '' },
    { exitCode: 0, stdout: `${id}: uses journal ${NEW} already\n`, stderr: '' },
    {
      exitCode: 1,
      stdout: '',
      stderr: `error: ${id} does not use journal mistyped [uses=${NEW}]\n`,
    },
    {
      exitCode: 0,
      stdout: '',
      stderr: `0 of 1 running keepers moved; 1 use ${NEW} already\n`,
    },
  ]);
  await stack.client.workflow.getHandle(keeperWorkflowId(id)).terminate();
}, 60_000);

it('“journal move --all” moves every keeper that it can, and says at the end that others are left', async () => {
  const keepers = new KeeperAdministration(stack.client);
  for (const id of IDS) await keepers.apply(stack.spec('abitmedia', id));
  for (const id of IDS) {
    await expect
      .poll(async () => (await reader.status(id).catch(() => undefined))?.generation, {
        timeout: 60_000,
      })
      .toBe(1);
  }
  const { journalId = '' } = await reader.status('fleet/one');
  const attacker = Attacker.beside(stack.client);
  for (let each = 0; each < NOBODYS; each += 1) {
    const payloads = [plain('{}')];
    const queue = 'nobody-serves-this';
    await attacker.start(`a/junk-${each}`, { type: 'credentialKeeper', queue, payloads });
  }
  await expect
    .poll(async () => (await listKeeperRuns(stack.client)).length)
    .toBe(IDS.length + NOBODYS + 1);

  const { exitCode, stderr } = await move('--all', '--from', journalId, '--to', NEW);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`3 of ${IDS.length + NOBODYS} running keepers moved`);
  expect(stderr).toContain('a/junk-0: not moved; UNAVAILABLE');
  // It is shown at once, and not with the next refresh.
  await expect
    .poll(() => Promise.all(IDS.map(async (id) => (await reader.status(id)).journalId)))
    .toEqual(IDS.map(() => NEW));
}, 180_000);

it('“journal move” that no worker answers says that one that comes may still do it, and so it is', async () => {
  const [id = ''] = IDS;
  await stack.stopWorkers();

  const { exitCode, stderr } = await move(id, '--to', OTHER);

  expect([exitCode, stderr]).toEqual([
    5,
    'error: UNAVAILABLE: no worker answers; start one with: evertoken worker; ' +
      `if a worker comes within 10 minutes, it may still be done [credential=${id}]\n`,
  ]);
  await stack.startWorkers();
  await expect
    .poll(async () => (await reader.status(id)).journalId, { timeout: 30_000 })
    .toBe(OTHER);
}, 120_000);

it('“journal move --all” asks no more keepers once none can answer, and exits with 5', async () => {
  const keepers = new KeeperAdministration(stack.client);
  // Two rounds of those that are asked at once, and a third that need not be.
  const many = Array.from({ length: 3 * NOBODYS }, (_, index) => `many/${index}`);
  for (const id of many) await keepers.apply(stack.spec('abitmedia', id));
  await expect
    .poll(
      async () =>
        (await listKeeperRuns(stack.client)).filter(({ status }) => status === 'fresh').length,
    )
    .toBeGreaterThanOrEqual(many.length);
  const { journalId = '' } = await reader.status('many/0');
  await stack.stopWorkers();
  // They count as present for a while.
  await expect
    .poll(async () => isPolled(await keeperQueueFacts(stack.client)), { timeout: 90_000 })
    .toBe(false);

  const { exitCode, stderr } = await move('--all', '--from', journalId, '--to', OTHER);

  expect(exitCode).toBe(5);
  expect(stderr.match(/not moved/g)?.length).toBeLessThanOrEqual(2 * NOBODYS);
  expect(stderr).toMatch(
    /^\d+ were not asked: no worker answers; start one with: evertoken worker; then run it again$/m,
  );
  await stack.startWorkers();
}, 180_000);
