import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TemporalKeepers } from '../../../src/keepers/temporal-keepers.js';
import type { StandInCredential } from '../../../src/stand-ins/wire.js';
import { type CommandResult, CommandRuns } from '../../support/command-runs.js';
import { FullStack } from '../../support/full-stack.js';
import { openTestNamespace } from '../../support/test-namespace.js';

const CREDENTIALS = 6;
/** Less than a credential's pause between two looks at its client. */
const AT_ONCE = { timeout: 60_000 };

let stack: FullStack;
let runs: CommandRuns;
let credentials: readonly StandInCredential[];
let secretsDir: string;

beforeEach(async () => {
  runs = new CommandRuns();
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  await stack.stopWorkers();
  secretsDir = join(stack.folder, 'secrets');
  await mkdir(secretsDir);
  await stack.startWorkers({ env: { EVERTOKEN_SECRETS_DIR: secretsDir } });
  credentials = Array.from({ length: CREDENTIALS }, (_, index) =>
    stack.standIns.of('oauth2').credential(`repaired/${index}`),
  );
});
afterEach(async () => {
  runs.close();
  await stack.close();
});

/** Applies the credentials with this client secret, as a file with it would have them. */
async function apply(clientSecret: unknown, ...flags: string[]): Promise<CommandResult> {
  const file = join(stack.folder, 'credentials.json');
  const named = credentials.map((credential) => ({
    ...credential,
    material: { ...credential.material, clientSecret },
  }));
  await writeFile(file, JSON.stringify({ credentials: named }));
  return runs.run(['apply', '-f', file, ...flags], {
    ...stack.env,
    TEMPORAL_ADDRESS: stack.namespace.address,
    TEMPORAL_NAMESPACE: stack.namespace.namespace,
  });
}

async function each(status: string): Promise<boolean> {
  const keepers = new TemporalKeepers(stack.client);
  const found = await Promise.all(credentials.map(({ id }) => keepers.status(id)));
  return found.every((answer) => answer.status === status);
}

function rightSecret(): string {
  return String(credentials[0]?.material['clientSecret']);
}

describe('applying a file whose client was rejected', () => {
  it('waits for what the repaired secret brings, and says that all is well', async () => {
    await apply('wrong', '--no-wait');
    await expect.poll(() => each('client-rejected'), AT_ONCE).toBe(true);
    const { exitCode, stdout } = await apply(rightSecret());
    expect([exitCode, stdout.match(/: updated/g)?.length]).toEqual([0, CREDENTIALS]);
    expect(await each('fresh')).toBe(true);
  });

  it('says so if the secret of the file is wrong again', async () => {
    await apply('wrong', '--no-wait');
    await expect.poll(() => each('client-rejected'), AT_ONCE).toBe(true);
    const { exitCode, stdout } = await apply('wrong too');
    expect([exitCode, stdout.match(/invalid_client/g)?.length]).toEqual([1, CREDENTIALS]);
  });

  it('makes the keepers look at once where only a secret of the worker was repaired', async () => {
    const secret = { $workerFile: 'client' };
    await writeFile(join(secretsDir, 'client'), 'wrong', { mode: 0o600 });
    await apply(secret, '--no-wait');
    await expect.poll(() => each('client-rejected'), AT_ONCE).toBe(true);
    await writeFile(join(secretsDir, 'client'), rightSecret(), { mode: 0o600 });
    const { exitCode, stdout } = await apply(secret);
    expect([exitCode, stdout.match(/: unchanged/g)?.length]).toEqual([0, CREDENTIALS]);
    expect(await each('fresh')).toBe(true);
  });
});
