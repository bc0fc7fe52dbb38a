import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusQuery, tokenQuery } from '../../src/contract/message-definitions.js';
import { AuthorizationServer, CLIENT_SECRET } from '../support/authorization-server.js';
import { FullStack, type Keeper } from '../support/full-stack.js';
import {
  openTimeSkippingNamespace,
  type TimeSkippingNamespace,
  whyNoTimeSkipping,
} from '../support/time-skipping-namespace.js';

const CLIENT = 'client_secret_basic';
const HOUR_MS = 3_600_000;
const REFRESHES = 20;

const missing = await whyNoTimeSkipping();
const title =
  missing === undefined
    ? 'a credential of a real authorization server'
    : `a credential of a real authorization server, not kept for a day here [${missing}]: the provider alone is still tested against it`;

describe.skipIf(missing !== undefined)(title, () => {
  let server: AuthorizationServer;
  let namespace: TimeSkippingNamespace;
  let stack: FullStack;
  let keeper: Keeper;

  beforeAll(async () => {
    server = await AuthorizationServer.start();
    stack = await FullStack.open({
      openNamespace: async (options) => (namespace = await openTimeSkippingNamespace(options)),
      useSearchAttributes: false,
    });
    const spec = stack.resolve({
      id: 'day/at-a-real-server',
      provider: 'oauth2',
      config: { issuer: server.issuer, clientId: CLIENT },
      material: {
        refreshToken: await server.refreshToken(CLIENT),
        clientSecret: CLIENT_SECRET,
      },
    });
    keeper = await stack.startKeeper(spec);
  }, 120_000);

  afterAll(async () => {
    await stack.close();
    server.close();
  });

  it('is refreshed twenty times in a row, each rotated refresh token used once', async () => {
    // Tokens live an hour, so a refresh comes every 55 minutes at the latest.
    for (let hour = 0; hour < REFRESHES; hour += 1) await namespace.sleep(HOUR_MS);
    const { status, generation } = await keeper.query(tokenQuery);
    expect(status).toBe('fresh');
    expect(generation).toBeGreaterThanOrEqual(REFRESHES);
    expect(server.spent).toHaveLength(generation);
    expect(new Set(server.spent).size).toBe(generation);
  }, 120_000);

  it('fails permanently with invalid_grant once its grant is revoked', async () => {
    const { generation } = await keeper.query(statusQuery);
    await server.revokeGrants();
    await namespace.sleep(HOUR_MS);
    await expect(keeper.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    await expect(keeper.result()).rejects.toMatchObject({
      cause: {
        type: 'PermanentRefreshError',
        details: [{ provider: 'oauth2', code: 'invalid_grant', httpStatus: 400 }],
      },
    });
    expect(await keeper.query(tokenQuery)).toMatchObject({ status: 'failed', generation });
  }, 120_000);
});
