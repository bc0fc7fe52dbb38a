import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKey } from '../../src/encryption/key-ring.js';
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

describe('with keys that open none of the running keepers', { timeout: LIMIT_MS }, () => {
  it('a worker does not start, and names the keys that it lacks', async () => {
    const worker = await CliProcess.start(['worker'], withKeys(OTHER));

    expect(await worker.ended()).toBe(2);
    expect(worker.lines.join('\n')).toBe(
      'error: environment cannot be used\n' +
        '  EVERTOKEN_ENCRYPTION_KEYS: opens none of the running keepers, which were sealed with other keys ' +
        `[keepers=1, keys=${keyId}]; give all workers of a namespace the same keys, and where those are lost, ` +
        'see “A key is lost” in disaster recovery',
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

  it('the doctor says so, also where no token is valid', async () => {
    const found = await rig.examine(undefined, withKeys(OTHER));
    expect(found.at(-1)).toEqual({
      level: 'fail',
      check: 'keys',
      problem: 'other-keys',
      text: `1 of 1 running keepers were sealed with keys that are not in EVERTOKEN_ENCRYPTION_KEYS here [keys=${keyId}]`,
    });
  });
});

it('the doctor deciphers what keepers have published, also where all are in trouble and no worker is there', async () => {
  await rig.stack.stopWorkers();
  const seedToken = { value: 'old', tokenType: 'Bearer', issuedAtMs: 0, expiresAtMs: 1 };
  await rig.keeper(ID).terminate();
  await rig.keepers.apply({ ...rig.stack.spec('klavi', 'keys/expired'), seedToken });
  const found = await rig.examine();
  expect(found).toContainEqual({ level: 'ok', check: 'keys', text: 'answers can be deciphered' });
}, 60_000);
