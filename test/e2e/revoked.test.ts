import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { KeeperAdministration } from '../../src/keepers/administration.js';
import {
  applyUpdate,
  carriedStateQuery,
  revokeUpdate,
  statusQuery,
  tokenQuery,
} from '../../src/contract/message-definitions.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { jsonReply } from '../../src/stand-ins/message.js';
import { AuthorizationServer, CLIENT_SECRET } from '../support/authorization-server.js';
import { type KeptCredential, KeptCredentials, youngToken } from '../support/kept-credential.js';
import { resetToFirstRefresh } from './reset-keeper.js';
import { replyWith } from '../support/provider-scripts.js';

const CLIENT = 'client_secret_basic';

let kept: KeptCredentials;
let server: AuthorizationServer;
let keepers: KeeperAdministration;

beforeAll(async () => {
  [kept, server] = await Promise.all([KeptCredentials.open(), AuthorizationServer.start()]);
  keepers = new KeeperAdministration(kept.stack.client);
});
afterAll(async () => {
  await kept.close();
  server.close();
});

function revocations({ standIn }: KeptCredential): readonly string[] {
  return standIn.requests
    .filter(({ url }) => url === '/revoke')
    .map(({ body }) => new URLSearchParams(body).get('token_type_hint') ?? '');
}

async function acceptedUpdates({ keeper }: KeptCredential): Promise<number> {
  const { events } = await keeper.fetchHistory();
  return (events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)
    .length;
}

describe('a grant that an operator revokes', () => {
  it('is dead at a real authorization server, and its keeper has ended without a token', async () => {
    const spec = kept.stack.resolve({
      id: 'revoked/at-a-real-server',
      provider: 'oauth2',
      config: { issuer: server.issuer, clientId: CLIENT },
      material: { refreshToken: await server.refreshToken(CLIENT), clientSecret: CLIENT_SECRET },
    });
    await keepers.apply(spec);
    const keeper = kept.stack.client.workflow.getHandle(keeperWorkflowId(spec.id));
    await expect.poll(() => keeper.query(tokenQuery)).toMatchObject({ generation: 1 });

    expect(await keepers.revoke(spec.id)).toEqual({ outcome: 'revoked' });
    expect(await keeper.result()).toEqual({ status: 'stopped', generation: 1 });
    expect((await keeper.query(tokenQuery)).token).toBeUndefined();

    const spent = server.spent.length;
    await keepers.apply(spec);
    await expect(keeper.result()).rejects.toMatchObject({
      cause: { type: 'PermanentRefreshError' },
    });
    expect(server.spent).toHaveLength(spent);
  });

  it('is revoked by its refresh token and its access token, again where the server was busy', async () => {
    const one = await kept.start({ scripts: [] });
    await one.fresh();
    one.standIn.answerNext(replyWith(jsonReply(503, {})));
    expect(await keepers.revoke(one.spec.id)).toEqual({ outcome: 'revoked' });
    expect(revocations(one)).toEqual(['refresh_token', 'refresh_token', 'access_token']);
  });

  it('is left as it is, and kept on, where the provider refuses', async () => {
    const one = await kept.start();
    const { generation } = await one.fresh();
    one.standIn.answerNext(replyWith(jsonReply(400, { error: 'unsupported_token_type' })));
    const refused = await keepers.revoke(one.spec.id);
    expect(refused).toMatchObject({ outcome: 'not-revoked' });
    expect('reason' in refused && refused.reason).toContain(
      'not revoked [provider=oauth2, code=http_400',
    );
    expect(await one.fresh(generation)).toMatchObject({
      status: 'fresh',
      generation: generation + 1,
    });
  });

  it('is not called left alone where its keeper is ended from outside while the provider revokes', async () => {
    const one = await kept.start();
    await one.fresh();
    one.standIn.answerNext(() => new Promise(() => undefined));
    const revoking = keepers.revoke(one.spec.id);
    await expect.poll(() => revocations(one)).toHaveLength(1);
    await one.keeper.terminate();
    expect(await revoking).toEqual({ outcome: 'ended-meanwhile' });
  });

  it('takes no other login with it that is applied while the provider revokes', async () => {
    const one = await kept.start();
    const { generation } = await one.fresh();
    let answer = (): void => undefined;
    const told = new Promise<void>((resolve) => (answer = resolve));
    one.standIn.answerNext((faithful) => told.then(faithful));
    const revoking = keepers.revoke(one.spec.id);
    await expect.poll(() => revocations(one)).toHaveLength(1);
    const spec = one.renewed();
    const request = { spec, application: Date.now(), useSearchAttributes: true };
    await expect(one.keeper.executeUpdate(applyUpdate, { args: [request] })).rejects.toMatchObject({
      cause: { type: 'KeeperStoppedError' },
    });
    const applying = keepers.apply(spec);
    answer();
    expect(await revoking).toEqual({ outcome: 'revoked' });
    expect(await applying).toMatchObject({ outcome: 'reauthorized' });
    expect(await one.fresh(generation)).toMatchObject({ status: 'fresh' });
  });

  it('is left as it is where nobody knows a revocation endpoint', async () => {
    const one = await kept.start({ provider: 'klavi', token: youngToken() });
    const refused = await keepers.revoke(one.spec.id);
    expect('reason' in refused && refused.reason).toContain('code=no_revocation_endpoint');
    expect(await one.token()).toMatchObject({ status: 'fresh' });
  });

  it('is not called revoked while an unanswered request may have brought a newer refresh token', async () => {
    const one = await kept.start({ scripts: [replyWith(jsonReply(502, {}))] });
    await one.pendingFailure();
    const refused = await keepers.revoke(one.spec.id);
    expect('reason' in refused && refused.reason).toContain('code=newest_token_unknown');
    expect(revocations(one)).toEqual([]);
  });

  it('is not revoked by a copy of a request from before its refresh, or from before its application', async () => {
    const one = await kept.start();
    const { generation } = await one.fresh();
    const { application } = await one.keeper.query(carriedStateQuery);
    const newest = { revokedGeneration: generation, application, wantedAtMs: Date.now() };
    for (const older of [{ revokedGeneration: generation - 1 }, { application: application - 1 }]) {
      const copied = one.keeper.executeUpdate(revokeUpdate, { args: [{ ...newest, ...older }] });
      await expect(copied).rejects.toMatchObject({ cause: { type: 'ApplyRefusedError' } });
    }
    expect(revocations(one)).toEqual([]);
  });

  it('is not called revoked by a keeper that was reset to the login before, until that has learned of the later one', async () => {
    const one = await kept.start();
    await one.fresh();
    await keepers.apply(one.renewed());
    const { token } = await one.fresh(1);
    await resetToFirstRefresh(kept.stack.client, one.spec.id);
    await expect.poll(() => one.keeper.query(statusQuery)).toMatchObject({ epoch: 1 });

    const refused = await keepers.revoke(one.spec.id);
    expect('reason' in refused && refused.reason).toContain('code=newest_token_unknown');
    expect(revocations(one)).toEqual([]);
    await one.fresh(1);
    expect(await keepers.revoke(one.spec.id)).toEqual({ outcome: 'revoked' });
    const presented = one.standIn.requests
      .filter(({ url }) => url === '/revoke')
      .map(({ body }) => new URLSearchParams(body).get('token'));
    expect(presented).toContain(token?.value);
  });

  it('does not keep its keeper open where the refresh before it is refused for good', async () => {
    let refuse = (): void => undefined;
    const told = new Promise<void>((resolve) => (refuse = resolve));
    const invalid = replyWith(jsonReply(400, { error: 'invalid_grant' }));
    const one = await kept.start({
      scripts: [async (faithful) => told.then(() => invalid(faithful))],
    });
    await expect.poll(() => one.standIn.requests).toHaveLength(1);
    const revoking = keepers.revoke(one.spec.id);
    await expect.poll(() => acceptedUpdates(one)).toBe(1);
    refuse();
    expect(await revoking).toEqual({ outcome: 'already-ended' });
    expect(await one.finalFailure()).toMatchObject({ type: 'PermanentRefreshError' });
    expect(revocations(one)).toEqual([]);
  });

  it('cannot be revoked once its keeper has ended', async () => {
    const one = await kept.start({ token: youngToken() });
    await keepers.stop(one.spec.id);
    await one.keeper.result();
    expect(await keepers.revoke(one.spec.id)).toEqual({ outcome: 'already-ended' });
  });
});
