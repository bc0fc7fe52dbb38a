import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK } from 'jose';
import { type Grant, Provider } from 'oidc-provider';

/** Secret of the clients that have one; its characters show whether it is encoded rightly. */
export const CLIENT_SECRET = 'a secret: with % and +';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** PEM of the key with which the client `private_key_jwt` authenticates. */
export const CLIENT_PRIVATE_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** There is one client for each; its id is the method. */
export const AUTHENTICATION_METHODS = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
];

/** A real authorization server that rotates refresh tokens and revokes the grant of one that is used twice. */
export class AuthorizationServer {
  readonly issuer: string;
  /** Identifiers of the refresh tokens that were spent, in order. */
  readonly spent: string[] = [];
  readonly #http: Server;
  readonly #provider: Provider;
  readonly #grants: Grant[] = [];

  private constructor(http: Server, issuer: string, provider: Provider) {
    this.#http = http;
    this.issuer = issuer;
    this.#provider = provider;
    provider.on('refresh_token.consumed', ({ jti }) => this.spent.push(jti));
    http.on('request', provider.callback());
  }

  static async start(): Promise<AuthorizationServer> {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const address = http.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const issuer = `http://127.0.0.1:${port}`;
    const jwk = await exportJWK(publicKey);
    const provider = new Provider(issuer, {
      clients: AUTHENTICATION_METHODS.map((method) => ({
        client_id: method,
        token_endpoint_auth_method: method,
        grant_types: ['refresh_token', 'authorization_code'],
        redirect_uris: ['https://client.example/callback'],
        ...(method.startsWith('client_secret') && { client_secret: CLIENT_SECRET }),
        ...(method === 'private_key_jwt' && { jwks: { keys: [jwk] } }),
      })),
      clientAuthMethods: AUTHENTICATION_METHODS,
      rotateRefreshToken: true,
      // As strict as a server may be: an assertion from its future is refused.
      clockTolerance: 0,
      features: { revocation: { enabled: true } },
      findAccount: (_: unknown, accountId: string) => ({
        accountId,
        claims: () => ({ sub: accountId }),
      }),
    });
    return new AuthorizationServer(http, issuer, provider);
  }

  /** A refresh token as a login would have left it. */
  async refreshToken(clientId: string): Promise<string> {
    const client = await this.#provider.Client.find(clientId);
    if (client === undefined) throw new Error(`no client ${clientId}`);
    const grant = new this.#provider.Grant({ accountId: 'user', clientId });
    grant.addOIDCScope('openid offline_access');
    this.#grants.push(grant);
    return new this.#provider.RefreshToken({
      accountId: 'user',
      client,
      grantId: await grant.save(),
      gty: 'authorization_code',
      scope: 'openid offline_access',
    }).save();
  }

  /** Revokes every grant, as users do in their account's settings. */
  async revokeGrants(): Promise<void> {
    await Promise.all(this.#grants.map((grant) => grant.destroy()));
  }

  close(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }
}
