import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LOOPBACK } from '../../src/contract/loopback.js';

const LIFETIME_S = 3_600;

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a provider does with a request; `sent` is all of it that could hold a secret, and goes into every answer. */
const BEHAVIOURS = {
  grants: (sent: string, newSecret: () => string) => granted(sent, newSecret),
  'refuses the grant': (sent: string) =>
    json(400, { error: 'invalid_grant', error_description: sent, error_uri: `urn:${sent}` }),
  'names the token as error code': (_: string, newSecret: () => string) =>
    json(400, { error: newSecret() }),
  'refuses an API token': (sent: string) =>
    json(400, { moduleCode: 340, message: `invalid_grant: Invalid refresh token: ${sent}` }),
  'shows a page': (sent: string) => ({
    status: 400,
    headers: { 'content-type': 'text/html' },
    body: `<html><body>bad request: ${sent}</body></html>`,
  }),
  'knows no such token': (sent: string) =>
    json(401, { statusCode: 401, error: 'Unauthorized', message: sent }),
  'knows no such client': (sent: string) =>
    json(401, { error: 'invalid_client', error_description: sent }),
  'is down': (sent: string) => ({
    ...json(503, { error: sent, message: sent }),
    headers: { 'retry-after': sent, 'x-request-id': sent, 'www-authenticate': sent },
  }),
  redirects: (sent: string) => ({ status: 302, headers: { location: `/?${sent}` }, body: sent }),
  'answers half a token': (_: string, newSecret: () => string) => ({
    status: 200,
    body: `{"access_token":"${newSecret()}`,
  }),
  'answers no token': (sent: string) => json(200, { hint: sent }),
  'cuts the connection': () => undefined,
} satisfies Record<string, (sent: string, newSecret: () => string) => Answer | undefined>;

/** How an address of the provider behaves. */
export type Behaviour = keyof typeof BEHAVIOURS;

/** A local provider of every kind, which issues marked secrets and echoes all that it is sent. */
export class EchoingProvider {
  readonly #server: Server;
  readonly #newSecret: () => string;

  private constructor(server: Server, newSecret: () => string) {
    this.#server = server;
    this.#newSecret = newSecret;
    server.on('request', (incoming, outgoing) => void this.#serve(incoming, outgoing));
  }

  static async start(newSecret: () => string): Promise<EchoingProvider> {
    const server = createServer().listen(0, LOOPBACK);
    await once(server, 'listening');
    return new EchoingProvider(server, newSecret);
  }

  /** Base address at which it behaves so. */
  address(behaviour: Behaviour): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || !address) throw new Error('no TCP address');
    return `http://${LOOPBACK}:${address.port}/${encodeURIComponent(behaviour)}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { url = '', headers } = incoming;
    const body = await text(incoming);
    const behaviour = decodeURIComponent(url.split(/[/?]/)[1] ?? '') as Behaviour;
    const sent = `${headers.authorization ?? ''} ${decodeURIComponent(body)}`;
    const answer: Answer | undefined = BEHAVIOURS[behaviour](sent, this.#newSecret);
    if (answer === undefined) outgoing.destroy();
    else outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  }
}

/** One body that every provider's page allows. */
function granted(sent: string, newSecret: () => string): Answer {
  const accessToken = newSecret();
  const refreshToken = newSecret();
  return json(200, {
    success: true,
    message: sent,
    access_token: accessToken,
    accessToken,
    token_type: 'Bearer',
    expires_in: LIFETIME_S,
    expiresIn: LIFETIME_S,
    expireIn: String(LIFETIME_S),
    refresh_token: refreshToken,
    refreshToken,
    instance_url: `https://example.test/${newSecret()}`,
  });
}

function json(status: number, body: object): Answer {
  return { status, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
