import { expect, it } from 'vitest';
import { generateKey } from '../../../src/encryption/key-ring.js';
import { providerTaskQueue } from '../../../src/contract/names.js';
import { openTestNamespace } from '../../support/test-namespace.js';
import { openRigAndCommand } from '../doctor/doctor-rig.js';

const { rig, command } = await openRigAndCommand();

/** Applies a credential whose file brings no token, and says what that prints. */
async function applied(id: string, env: Record<string, string>, more: object = {}) {
  const credential = { ...rig.stack.standIns.of('abitmedia').credential(id), ...more };
  await command.write('one.json', JSON.stringify({ credentials: [credential] }));
  return command.run(['apply', '-f', 'one.json'], env);
}

it('apply says that no worker answers, and exits with 5', async () => {
  const { client, address, namespace } = await openTestNamespace();
  const env = {
    EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
    EVERTOKEN_ALLOW_LOOPBACK: 'true',
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
  };
  const { exitCode, stdout } = await applied('unserved/keeper', env);
  await client.connection.close();
  expect([exitCode, stdout]).toEqual([
    5,
    'unserved/keeper: failed: UNAVAILABLE: applied, but no worker answers; start one with: evertoken worker [credential=unserved/keeper]\n',
  ]);
}, 90_000);

it('apply says which task queue no worker serves, which workers would, and exits with 5', async () => {
  const id = 'unserved/refresh';
  const { exitCode, stdout } = await applied(id, rig.env, { group: 'unserved' });
  const queue = providerTaskQueue('abitmedia', 'unserved');
  expect([exitCode, stdout]).toEqual([
    5,
    `${id}: failed: UNAVAILABLE: applied, but no worker takes its refresh from task queue ${queue}; only workers whose EVERTOKEN_RATE_LIMITS names abitmedia/unserved serve it; start one with: evertoken worker [credential=${id}]\n`,
  ]);
}, 90_000);
