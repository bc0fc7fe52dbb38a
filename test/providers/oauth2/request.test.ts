import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/contract/credential.js';
import { ASSERTION_DATED_BACK_MS } from '../../../src/policy/attempt-numbers.js';
import { MaterialError } from '../../../src/providers/material-error.js';
import { oauth2 } from '../../../src/providers/oauth2/provider.js';
import type { WireAnswer, WireRequest } from '../../../src/providers/port.js';
import { WireError } from '../../../src/providers/wire-error.js';
import { answer, noLookUp, wallNow } from '../answer.js';

const TOKEN_ENDPOINT = 'https://as.example/token';
const CONFIG = { clientId: 'my client', tokenEndpoint: TOKEN_ENDPOINT };
const MATERIAL = { refreshToken: 'r+1/=&', clientSecret: 's:e%c' };

function form(request: WireRequest): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(request.body));
}

function prepare(config: JsonObject, material: Record<string, string>): Promise<WireRequest> {
  return oauth2.configure({ ...CONFIG, ...config }).prepare(material, noLookUp, wallNow);
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

describe('the refresh request', () => {
  it('carries the client’s secret as form-encoded Basic authentication', async () => {
    const request = await prepare({}, MATERIAL);
    expect(request).toMatchObject({ method: 'POST', url: TOKEN_ENDPOINT });
    const credentials = Buffer.from('my+client:s%3Ae%25c').toString('base64');
    expect(request.headers).toMatchObject({
      accept: 'application/json',
      authorization: `Basic ${credentials}`,
    });
    expect(form(request)).toEqual({ grant_type: 'refresh_token', refresh_token: 'r+1/=&' });
  });

  it('carries an id and a secret in Basic authentication as they are, where a form would, since many servers compare them so', async () => {
    const clientId = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
    const clientSecret = "gloas-Ab_c.9~x!*'()";
    const { headers } = await prepare({ clientId }, { refreshToken: 'r', clientSecret });
    const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    expect(headers).toMatchObject({ authorization: `Basic ${credentials}` });
  });

  it('carries the client’s secret in the form', async () => {
    const request = await prepare({ clientAuthentication: 'client_secret_post' }, MATERIAL);
    expect(request.headers).not.toHaveProperty('authorization');
    expect(form(request)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r+1/=&',
      client_id: 'my client',
      client_secret: 's:e%c',
    });
  });

  it('carries no secret of a public client', async () => {
    const request = await prepare({ clientAuthentication: 'none' }, { refreshToken: 'r' });
    expect(form(request)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r',
      client_id: 'my client',
    });
  });

  it('carries scope, resource and further parameters', async () => {
    const config = {
      scope: 'a b',
      resource: 'https://api.example/',
      extraParameters: { tenant: 't' },
    };
    expect(form(await prepare(config, MATERIAL))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r+1/=&',
      scope: 'a b',
      resource: 'https://api.example/',
      tenant: 't',
    });
  });
});

interface Key {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const EC: Key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const RSA: Key = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ED25519: Key = generateKeyPairSync('ed25519');

function pem(key: Key): string {
  return key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

describe('a signed client assertion', () => {
  it.each([
    ['RS256', RSA],
    ['PS256', RSA],
    ['ES256', EC],
    ['Ed25519', ED25519],
    // Its name before RFC 9864, which many servers know alone.
    ['EdDSA', ED25519],
  ] as const)('is verified by the public key, signed by %s', async (algorithm, key) => {
    const config = {
      issuer: 'https://as.example',
      clientAuthentication: 'private_key_jwt',
      signingAlgorithm: algorithm,
      keyId: 'k1',
    };
    const material = { refreshToken: 'r', clientPrivateKey: pem(key) };
    const sent = form(await prepare(config, material));
    expect(sent['client_assertion_type']).toMatch(/jwt-bearer$/);
    const { payload, protectedHeader } = await jwtVerify(
      sent['client_assertion'] ?? '',
      key.publicKey,
      { audience: 'https://as.example', issuer: 'my client', subject: 'my client' },
    );
    expect(protectedHeader).toMatchObject({ alg: algorithm, kid: 'k1' });
    expect(payload.jti).toBeDefined();
  });

  it('is dated by the time that it is given, since a worker’s clock may be wrong', async () => {
    const config = { clientAuthentication: 'private_key_jwt', signingAlgorithm: 'ES256' };
    const material = { refreshToken: 'r', clientPrivateKey: pem(EC) };
    const nowMs = Date.UTC(2031, 0, 1);
    const configured = oauth2.configure({ ...CONFIG, ...config });
    const sent = form(await configured.prepare(material, noLookUp, () => Promise.resolve(nowMs)));
    const { payload } = await jwtVerify(sent['client_assertion'] ?? '', EC.publicKey, {
      currentDate: new Date(nowMs),
    });
    const datedBackS = nowMs / 1_000 - Number(payload.iat);
    expect(datedBackS).toBeGreaterThanOrEqual(ASSERTION_DATED_BACK_MS / 1_000 - 1);
    expect(datedBackS).toBeLessThanOrEqual(ASSERTION_DATED_BACK_MS / 1_000 + 2);
    expect(payload.exp).toBe(Number(payload.iat) + 60);
  });

  it('takes a key in JWK form too', async () => {
    const clientPrivateKey = JSON.stringify(await exportJWK(EC.privateKey));
    const config = { clientAuthentication: 'private_key_jwt', signingAlgorithm: 'ES256' };
    const sent = form(await prepare(config, { refreshToken: 'r', clientPrivateKey }));
    const verified = jwtVerify(sent['client_assertion'] ?? '', EC.publicKey);
    await expect(verified).resolves.toBeDefined();
  });

  it.each([
    ['of another kind', pem(EC)],
    ['that is text', 'CANARY'],
    ['that is cut', pem(RSA).slice(0, 300)],
    ['that is no JWK', '{"kty":"CANARY"}'],
  ])('refuses a key %s without quoting it', async (_, clientPrivateKey) => {
    const config = { clientAuthentication: 'private_key_jwt' };
    const error = await failure(prepare(config, { refreshToken: 'r', clientPrivateKey }));
    expect(error).toBeInstanceOf(MaterialError);
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).toBe(
      'MaterialError: material cannot be used [field=clientPrivateKey, problem=is not a private key for RS256]',
    );
  });
});

describe('unusable material', () => {
  it.each([
    ['client_secret_basic', 'clientSecret'],
    ['client_secret_post', 'clientSecret'],
    ['private_key_jwt', 'clientPrivateKey'],
  ])('of %s misses %s', async (clientAuthentication, field) => {
    expect(await failure(prepare({ clientAuthentication }, { refreshToken: 'r' }))).toMatchObject({
      name: 'MaterialError',
      field,
    });
  });

  it('is refused by field before anything is made of it', async () => {
    const error = await failure(prepare({}, { refreshToken: 'CANARY\r\n', clientSecret: 's' }));
    expect(error).toMatchObject({ name: 'MaterialError', field: 'refreshToken' });
    expect(String(error)).not.toContain('CANARY');
  });
});

describe('discovery', () => {
  const discovering = { clientId: 'c', issuer: 'https://as.example/tenant' };
  const metadata = { issuer: discovering.issuer, token_endpoint: 'https://as.example/t' };

  it.each([
    ['oidc', 'https://as.example/tenant/.well-known/openid-configuration'],
    ['oauth2', 'https://as.example/.well-known/oauth-authorization-server/tenant'],
  ])('reads the issuer’s metadata by %s', async (discovery, address) => {
    const lookedUp: WireRequest[] = [];
    const request = await oauth2.configure({ ...discovering, discovery }).prepare(
      MATERIAL,
      async (asked) => {
        lookedUp.push(asked);
        return answer(200, metadata);
      },
      wallNow,
    );
    expect(request.url).toBe('https://as.example/t');
    expect(lookedUp).toMatchObject([{ method: 'GET', url: address }]);
    expect(JSON.stringify(lookedUp)).not.toContain(MATERIAL.clientSecret);
  });

  it.each<[string, WireAnswer]>([
    ['of another issuer', answer(200, { ...metadata, issuer: 'https://evil.example' })],
    ['without token endpoint', answer(200, { issuer: discovering.issuer })],
    [
      'with a token endpoint that is no address',
      answer(200, { ...metadata, token_endpoint: '/t' }),
    ],
    ['with a token endpoint that is no text', answer(200, { ...metadata, token_endpoint: 5 })],
    ['that is no JSON', answer(200, '<html></html>', 'text/html')],
    ['that is empty', answer(200, '')],
    ['under status 503', answer(503, metadata)],
    ['behind a redirect', { status: 302, headers: { location: 'https://x' }, text: '' }],
    ['under a status that has no body', answer(204, '')],
    ['under no real status', answer(0, '')],
  ])('spends nothing on metadata %s', async (_, found) => {
    const prepared = oauth2
      .configure(discovering)
      .prepare(MATERIAL, () => Promise.resolve(found), wallNow);
    const error = await failure(prepared);
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ code: 'look_up_failed', mayHaveBeenSent: false });
    expect(error).not.toHaveProperty('cause');
  });

  it('tells a refused destination from a failed look-up', async () => {
    const refused = new WireError('destination_refused', false);
    const prepared = oauth2
      .configure(discovering)
      .prepare(MATERIAL, () => Promise.reject(refused), wallNow);
    expect(await failure(prepared)).toMatchObject({ code: 'destination_refused' });
    const late = new WireError('deadline_exceeded', true);
    const second = oauth2
      .configure(discovering)
      .prepare(MATERIAL, () => Promise.reject(late), wallNow);
    expect(await failure(second)).toMatchObject({ code: 'look_up_failed', mayHaveBeenSent: false });
  });
});
