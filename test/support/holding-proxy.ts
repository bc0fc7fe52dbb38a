import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { LOOPBACK } from '../../src/contract/loopback.js';

/** A way to a server that can be closed for all that its clients send, as a network does that fails. */
export class HoldingProxy {
  /** `host:port` where it listens. */
  readonly address: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Map<Socket, Socket>();
  #isHolding = false;
  #onHeld: () => void = () => undefined;

  private constructor(server: Server, port: number, upstream: URL) {
    this.address = `${LOOPBACK}:${port}`;
    this.#server = server;
    server.on('connection', (client) => {
      const onward = connect(Number(upstream.port), upstream.hostname);
      this.#clients.set(client, onward);
      client.once('close', () => this.#clients.delete(client));
      onward.pipe(client);
      if (this.#isHolding) this.#drop(client);
      else client.pipe(onward);
      for (const socket of [client, onward]) {
        this.#sockets.add(socket);
        socket.once('error', () => socket.destroy());
        socket.once('close', () => {
          client.destroy();
          onward.destroy();
        });
      }
    });
  }

  /** @param upstream `host:port` of the server */
  static async open(upstream: string): Promise<HoldingProxy> {
    const server = createServer().listen(0, LOOPBACK);
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('no TCP address');
    return new HoldingProxy(server, address.port, new URL(`tcp://${upstream}`));
  }

  /** From now on nothing that a client sends reaches the server. */
  hold(): void {
    this.#isHolding = true;
    for (const [client, onward] of this.#clients) {
      client.unpipe(onward);
      this.#drop(client);
    }
  }

  /** Resolves when something is held back that is sent from now on. */
  untilHeld(): Promise<void> {
    return new Promise((resolve) => (this.#onHeld = resolve));
  }

  /** Lets new connections through again, if it held any back; what was held never arrives. */
  release(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    for (const [client] of this.#clients) client.destroy();
  }

  #drop(client: Socket): void {
    client.on('data', () => this.#onHeld()).resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}
