import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CredentialSpec } from '../../src/contract/credential.js';
import {
  ensureFreshUpdate,
  statusQuery,
  tokenQuery,
} from '../../src/contract/message-definitions.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { type Keeper, KeeperRig, specOf } from '../support/keeper-rig.js';
import { freshRequest } from '../support/requests.js';
import { failing, onTheWay, type Step, tokenFor } from '../support/scripted-refresh.js';

let rig: KeeperRig;
let keepers: KeeperAdministration;
beforeAll(async () => {
  rig = await KeeperRig.open();
  keepers = new KeeperAdministration(rig.client);
});
afterAll(() => rig.close());

/** A keeper with a token whose login is replaced by another one, and what the journal says of that. */
async function withAnotherLogin(): Promise<{
  readonly keeper: Keeper;
  readonly first: CredentialSpec;
  readonly second: CredentialSpec;
  readonly journalSays: (step: Step) => void;
}> {
  let journalSays: (step: Step) => void = () => undefined;
  const word = new Promise<Step>((resolve) => (journalSays = resolve));
  const { keeper, spec } = await rig.keeper(
    tokenFor(600_000),
    {},
    onTheWay(word),
    tokenFor(600_000),
  );
  await keeper.executeUpdate(ensureFreshUpdate, { args: [freshRequest()] });
  return { keeper, first: spec, second: another(spec), journalSays };
}

describe('the file of the login before, while the journal has not had its say on another one', () => {
  it('is taken once the other one turns out to be an earlier login, which is refused', async () => {
    const { keeper, first, second, journalSays } = await withAnotherLogin();
    const before = await keeper.query(tokenQuery);
    const other = keepers.apply(second);
    await expect.poll(() => epochOf(first.id)).toBe(2);
    const again = keepers.apply(first);
    journalSays(failing('PermanentRefreshError', 'login_replaced'));
    expect(await other).toEqual({
      outcome: 'refused',
      reason: expect.stringContaining('this login was replaced by a later one') as string,
    });
    expect(await again).toEqual({ outcome: 'unchanged' });
    expect(await keeper.query(tokenQuery)).toMatchObject({
      status: 'fresh',
      generation: before.generation,
      token: before.token,
    });
  });

  it('is refused once the other one turns out to be the later login', async () => {
    const { first, second, journalSays } = await withAnotherLogin();
    const other = keepers.apply(second);
    await expect.poll(() => epochOf(first.id)).toBe(2);
    const again = keepers.apply(first);
    journalSays(tokenFor(600_000));
    expect(await other).toEqual({ outcome: 'reauthorized' });
    expect(await again).toMatchObject({ outcome: 'refused' });
  });
});

describe('a login that was stopped before it had a token', () => {
  it('is kept again when its file is applied after that of another one', async () => {
    const outage = failing('TransientRefreshError', 'http_503', 3_600_000);
    const { keeper, fake, spec: first } = await rig.keeper(outage);
    await fake.attempts(1);
    await keepers.stop(first.id);
    await keeper.result();
    expect(await keepers.apply(another(first))).toEqual({ outcome: 'reauthorized' });
    await fake.attempts(2);
    fake.then(tokenFor(600_000));
    expect(await keepers.apply(first)).toEqual({ outcome: 'reauthorized' });
    await expect.poll(() => keeper.query(statusQuery)).toMatchObject({ status: 'fresh' });
    expect(fake.requests.at(-1)?.material['refreshToken']).toBe('refresh-0');
  });
});

/** The file of a later login. */
function another({ id }: CredentialSpec): CredentialSpec {
  return specOf(id, {
    material: { refreshToken: 'refresh-other', clientSecret: 'secret' },
    fingerprints: { refreshToken: 'f-other', clientSecret: 'fs' },
  });
}

async function epochOf(id: string): Promise<number> {
  const keeper = rig.client.workflow.getHandle(keeperWorkflowId(id));
  return (await keeper.query(statusQuery)).epoch;
}
