import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateKey } from '../../src/encryption/key-ring.js';
import { LOOKED_AT_EACH_MAX } from '../../src/keepers/numbers.js';
import { EvertokenCommand } from '../support/evertoken-command.js';
import { openTestNamespace } from '../support/test-namespace.js';
import type { TestNamespace } from '../support/test-namespace.js';

let namespace: TestNamespace;
let command: EvertokenCommand;

beforeAll(async () => {
  [namespace, command] = await Promise.all([openTestNamespace(), EvertokenCommand.open()]);
  const credentials = Array.from({ length: LOOKED_AT_EACH_MAX + 1 }, (_, index) => ({
    id: `acme/${index}`,
    provider: 'klavi',
    config: { baseUrl: 'https://klavi.example' },
    material: { accessToken: `token-${index}` },
  }));
  await command.write('many.json', JSON.stringify({ credentials }));
});
afterAll(async () => {
  await Promise.all([namespace.close(), command.remove()]);
});

/** Runs a command whose namespace is mistyped. */
function mistyped(args: readonly string[]) {
  return command.run(args, {
    EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
    TEMPORAL_ADDRESS: namespace.address,
    TEMPORAL_NAMESPACE: 'no-such-namespace',
  });
}

it.each([
  ['list', ['list']],
  ['apply of more credentials than are looked at one by one', ['apply', '-f', 'many.json']],
])('%s says that the namespace does not exist, and exits with 5', async (_what, args) => {
  const { exitCode, stderr } = await mistyped(args);
  expect([exitCode, stderr]).toEqual([
    5,
    expect.stringContaining(
      'error: UNAVAILABLE: the Temporal namespace does not exist [credential=*]',
    ),
  ]);
});

it('doctor says that the namespace does not exist, and exits with 5', async () => {
  const { exitCode, stdout } = await mistyped(['doctor', '--quiet']);
  expect([exitCode, stdout]).toEqual([
    5,
    'fail  server            the Temporal namespace does not exist\n',
  ]);
});
