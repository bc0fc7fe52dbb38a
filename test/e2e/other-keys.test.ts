import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEEPER_TASK_QUEUE, keeperWorkflowId, PUBLISHED_MEMO } from '../../src/contract/names.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { runningKeyFit } from '../../src/keepers/key-fit.js';
import { DoctorRig } from '../cli/doctor/doctor-rig.js';
import { CliProcess } from '../support/cli-process.js';

const ID = 'keys/one';
const OTHER = generateKey();
const LIMIT_MS = 120_000;

let rig: DoctorRig;
/** Id of the key that sealed the fleet. */
let keyId: string;

beforeAll(async () => {
  rig = await DoctorRig.open();
  keyId = rig.stack.config.encryption.keyRing?.sealingKeyId ?? '';
  await rig.keep(ID);
}, LIMIT_MS);
afterAll(() => rig.stack.close());

/** A process whose ring is not that of the fleet. */
const withKeys = (keys: string): Record<string, string> => ({
  ...rig.env,
  EVERTOKEN_ENCRYPTION_KEYS: keys,
});

function clientWith(keys: string | undefined): Client {
  const { connection, options } = rig.stack.client;
  const dataConverter = createDataConverter(
    keys === undefined
      ? { allowPlaintext: true }
      : { keyRing: KeyRing.parse(keys), allowPlaintext: false },
  );
  return new Client({ connection, namespace: options.namespace, dataConverter });
}

describe('with keys that open none of the running keepers', { timeout: LIMIT_MS }, () => {
  it('a worker does not start, and names some of them and the keys that it lacks', async () => {
    const worker = await CliProcess.start(['worker'], withKeys(OTHER));

    expect(await worker.ended()).toBe(2);
    expect(worker.lines.join('\n')).toBe(
      'error: environment cannot be used\n' +
        `  EVERTOKEN_ENCRYPTION_KEYS: opens none of the running keepers [keepers=${ID}, sealed with=${keyId}]; ` +
        'give all workers of a namespace, and whoever applies, the same keys; terminate keepers that were applied with others; ' +
        'of keepers whose key is lost see “A key is lost” in disaster recovery, and of those that were not sealed EVERTOKEN_ALLOW_PLAINTEXT',
    );
    const without = { EVERTOKEN_ALLOW_PLAINTEXT: 'true', EVERTOKEN_ENCRYPTION_KEYS: '' };
    const plain = await CliProcess.start(['worker'], { ...rig.env, ...without });
    expect(await plain.ended()).toBe(2);
  });

  it('a worker starts where those of the keepers are said to be retired', async () => {
    const worker = await CliProcess.startWorker(withKeys(`${OTHER},${keyId}:retired`));
    worker.signal('SIGTERM');
    expect(await worker.ended()).toBe(0);
  });

  it.each([
    ['lacks', () => OTHER, ''],
    [
      'was told to be retired, although keepers need it',
      () => `${OTHER},${keyId}:retired`,
      ', which is retired here',
    ],
  ])(
    'the doctor names the key that it %s, before it looks at each keeper',
    async (_how, keys, how) => {
      const found = await rig.examine(undefined, withKeys(keys()));
      expect(found.map(({ check }) => check).slice(-2)).toEqual(['keys', 'credentials']);
      expect(found.at(-2)).toEqual({
        level: 'fail',
        check: 'keys',
        problem: 'other-keys',
        text: `1 of 1 running keepers do not open with the keys of EVERTOKEN_ENCRYPTION_KEYS here [keepers=${ID}, sealed with=${keyId}${how}]`,
      });
    },
  );
});

describe('the keys of a worker', { timeout: LIMIT_MS }, () => {
  beforeAll(async () => {
    await rig.stack.stopWorkers();
    await rig.keeper(ID).terminate();
  });

  const reused = (key: string): string => `${keyId}:${key.slice(key.lastIndexOf(':') + 1)}`;
  const fit = () => runningKeyFit(rig.stack.client);

  it.each<[string, () => string | undefined, () => string]>([
    ['another key', () => OTHER, () => OTHER.slice(0, OTHER.lastIndexOf(':'))],
    ['another key of the same id', () => reused(OTHER), () => `another key of the id ${keyId}`],
    ['no key', () => undefined, () => 'no key'],
  ])(
    'are told from %s, and one keeper that they open is enough',
    async (what, keys, sealedWith) => {
      const [own, foreign] = ['own', 'foreign'].map(
        (name) => `${name}/${what.replaceAll(' ', '-')}`,
      );
      const others = new KeeperAdministration(clientWith(keys()));
      await others.apply(rig.stack.spec('klavi', foreign ?? ''));
      await expect.poll(fit).toEqual({
        isOneReadable: false,
        unreadable: [{ id: foreign, sealedWith: sealedWith() }],
      });

      await rig.keepers.apply(rig.stack.spec('klavi', own ?? ''));
      await expect.poll(fit).toMatchObject({ isOneReadable: true });
      for (const id of [own, foreign]) await rig.keeper(id ?? '').terminate();
      await expect.poll(fit).toEqual({ isOneReadable: false, unreadable: [] });
    },
  );

  it('are judged by no workflow of another task queue, and by no memo that is no answer', async () => {
    const plain = clientWith(undefined);
    const start = (id: string, taskQueue: string): Promise<unknown> =>
      plain.workflow.start('credentialKeeper', {
        workflowId: keeperWorkflowId(id),
        taskQueue,
        memo: { [PUBLISHED_MEMO.answer]: 'no answer' },
      });
    await start('hostile/elsewhere', 'nobody');
    await start('hostile/here', KEEPER_TASK_QUEUE);
    await expect.poll(fit).toEqual({
      isOneReadable: false,
      unreadable: [{ id: 'hostile/here', sealedWith: 'no key' }],
    });
    expect(await runningKeyFit(plain)).toEqual({ isOneReadable: false, unreadable: [] });
    for (const id of ['hostile/elsewhere', 'hostile/here']) await rig.keeper(id).terminate();
  });
});

it('the doctor deciphers what keepers have published, also where all are in trouble and no worker is there', async () => {
  const seedToken = { value: 'old', tokenType: 'Bearer', issuedAtMs: 0, expiresAtMs: 1 };
  await rig.keepers.apply({ ...rig.stack.spec('klavi', 'keys/expired'), seedToken });
  await expect
    .poll(() => rig.examine(), { timeout: 60_000 })
    .toContainEqual({ level: 'ok', check: 'keys', text: 'answers can be deciphered' });
}, 90_000);
