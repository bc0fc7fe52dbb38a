import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LOOPBACK } from '../contract/loopback.js';
import { remember, type Rotation } from './issued-secrets.js';
import { type StandInReply, type StandInRequest } from './message.js';
import type { Script } from './script.js';
import { TokenIssuer } from './token-issuer.js';
import type { StandInCredential, StandInWire } from './wire.js';

/** How a stand-in behaves. */
export interface StandInOptions {
  /** Life of access tokens in whole seconds. */
  readonly lifetimeSeconds: number;
}

/** A provider on this machine: its wire is faithful, its tokens open nothing. */
export class StandIn {
  readonly provider: string;
  readonly baseUrl: string;
  readonly #wire: StandInWire;
  readonly #server: Server;
  readonly #issuer: TokenIssuer;
  readonly #scripts: Script[] = [];
  readonly #requests: StandInRequest[] = [];
  #refreshes = 0;

  constructor(wire: StandInWire, server: Server, baseUrl: string, options: StandInOptions) {
    this.provider = wire.provider;
    this.baseUrl = baseUrl;
    this.#wire = wire;
    this.#server = server;
    this.#issuer = new TokenIssuer(baseUrl, wire.rotation, options.lifetimeSeconds);
    server.on('request', (incoming, outgoing) => {
      // A client that goes away while it sends gets no answer.
      this.#serve(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** Refresh requests so far, answered or not, the newest 1,000. */
  get requests(): readonly StandInRequest[] {
    return this.#requests;
  }

  /** How many refreshes were granted. */
  get refreshes(): number {
    return this.#refreshes;
  }

  /** Material in the order in which it was spent, the newest 1,000. */
  get spent(): readonly string[] {
    return this.#issuer.secrets.spent;
  }

  /** Scripts that no request has used yet. */
  get scriptsLeft(): number {
    return this.#scripts.length;
  }

  /** What becomes of material that is spent from now on. */
  set rotation(rotation: Rotation) {
    this.#issuer.secrets.rotation = rotation;
  }

  /** Life in whole seconds of the tokens that are issued from now on. */
  set lifetimeSeconds(seconds: number) {
    this.#issuer.lifetimeSeconds = seconds;
  }

  /** A new credential, ready for a credentials file. */
  credential(id: string): StandInCredential {
    return this.#wire.credential(id, this.#issuer);
  }

  /** Lets the script answer the next refresh; several wait in line. */
  answerNext(script: Script): void {
    this.#scripts.push(script);
  }

  /** Ends all material that was issued so far. */
  revokeAll(): void {
    this.#issuer.secrets.revokeAll();
  }

  /** Stops listening and cuts what is open. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request: StandInRequest = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: plainHeaders(incoming),
      body: await text(incoming),
    };
    const reply = this.#wire.lookUp?.(request, this.#issuer) ?? (await this.#refresh(request));
    setTimeout(() => deliver(reply, outgoing), reply.delayMs ?? 0).unref();
  }

  #refresh(request: StandInRequest): StandInReply | Promise<StandInReply> {
    remember(this.#requests, request);
    const faithful = (): StandInReply => {
      const revoked = this.#wire.revoke?.(request, this.#issuer);
      if (revoked !== undefined) return revoked;
      const reply = this.#wire.refresh(request, this.#issuer);
      if (reply.status === 200) this.#refreshes += 1;
      return reply;
    };
    return this.#scripts.shift()?.(faithful) ?? faithful();
  }
}

/** Starts the stand-in of one provider on a free port. */
export async function startStandIn(wire: StandInWire, options: StandInOptions): Promise<StandIn> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return new StandIn(wire, server, `http://${LOOPBACK}:${port}`, options);
}

function deliver(reply: StandInReply, outgoing: ServerResponse): void {
  if (reply.lost === 'hang') return;
  if (reply.lost === 'cut') outgoing.destroy();
  else outgoing.writeHead(reply.status, reply.headers).end(reply.body);
}

function plainHeaders(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
}
