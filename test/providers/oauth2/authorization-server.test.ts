import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK } from 'jose';
import { Provider as AuthorizationServer } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/contract/credential.js';
import { classifyRefusal } from '../../../src/policy/classify.js';
import { oauth2 } from '../../../src/providers/oauth2/provider.js';
import type { Judgement, WireAnswer } from '../../../src/providers/port.js';
import { createSend } from '../../../src/providers/wire/send.js';

const CLIENT_SECRET = 'a secret: with % and +';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'];

const send = createSend({ deadlineMs: 10_000 });
let http: Server;
let issuer: string;
let server: AuthorizationServer;

/** A real authorization server that rotates and notices reuse. One client per authentication method. */
beforeAll(async () => {
  http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  issuer = `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}`;
  const jwk = await exportJWK(publicKey);
  server = new AuthorizationServer(issuer, {
    clients: METHODS.map((method) => ({
      client_id: method,
      token_endpoint_auth_method: method,
      grant_types: ['refresh_token', 'authorization_code'],
      redirect_uris: ['https://client.example/callback'],
      ...(method.startsWith('client_secret') && { client_secret: CLIENT_SECRET }),
      ...(method === 'private_key_jwt' && { jwks: { keys: [jwk] } }),
    })),
    clientAuthMethods: METHODS,
    rotateRefreshToken: true,
    findAccount: (_: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId }),
    }),
  });
  http.on('request', server.callback());
});

afterAll(() => {
  http.closeAllConnections();
  http.close();
});

/** A refresh token as a login would have left it. */
async function refreshToken(clientId: string): Promise<string> {
  const client = await server.Client.find(clientId);
  if (client === undefined) throw new Error(`no client ${clientId}`);
  const grant = new server.Grant({ accountId: 'user', clientId });
  grant.addOIDCScope('openid offline_access');
  return new server.RefreshToken({
    accountId: 'user',
    client,
    grantId: await grant.save(),
    gty: 'authorization_code',
    scope: 'openid offline_access',
  }).save();
}

interface Refreshed {
  readonly answer: WireAnswer;
  readonly judgement: Judgement;
}

async function refresh(config: JsonObject, material: Record<string, string>): Promise<Refreshed> {
  const answer = await send(await oauth2.prepare(config, material, send));
  return { answer, judgement: oauth2.judge(answer, config) };
}

function configOf(method: string): JsonObject {
  return {
    issuer,
    clientId: method,
    clientAuthentication: method,
    ...(method === 'private_key_jwt' && { signingAlgorithm: 'ES256' }),
  };
}

function meaningOf({ answer, judgement }: Refreshed, config: JsonObject): string {
  if (judgement.kind === 'token') return 'token';
  const facts = { codes: oauth2.codes(config), spendsAccessToken: false, tokenHasExpired: false };
  return classifyRefusal({ status: answer.status, ...judgement }, facts).meaning;
}

describe('a real authorization server', () => {
  it.each(METHODS)('grants tokens again and again to a client of method %s', async (method) => {
    const config = configOf(method);
    const secrets = { clientSecret: CLIENT_SECRET, clientPrivateKey: PEM };
    const first = await refresh(config, { refreshToken: await refreshToken(method), ...secrets });
    if (first.judgement.kind !== 'token') throw new Error(`refused [${first.answer.text}]`);
    expect(first.judgement).toMatchObject({ tokenType: 'Bearer', lifetime: 3600 });
    const rotated = first.judgement.replacedMaterial['refreshToken'] ?? '';
    const second = await refresh(config, { refreshToken: rotated, ...secrets });
    expect(second.judgement.kind).toBe('token');
  });

  it('ends the refresh when a spent refresh token is used again', async () => {
    const config = configOf('client_secret_basic');
    const material = {
      refreshToken: await refreshToken('client_secret_basic'),
      clientSecret: CLIENT_SECRET,
    };
    await refresh(config, material);
    expect(meaningOf(await refresh(config, material), config)).toBe('permanent');
  });

  it('rejects the client, and not the refresh token, for a wrong secret', async () => {
    const config = configOf('client_secret_post');
    const wrong = {
      refreshToken: await refreshToken('client_secret_post'),
      clientSecret: 'old',
    };
    expect(meaningOf(await refresh(config, wrong), config)).toBe('client-rejected');
    const right = await refresh(config, { ...wrong, clientSecret: CLIENT_SECRET });
    expect(right.judgement.kind).toBe('token');
  });
});
