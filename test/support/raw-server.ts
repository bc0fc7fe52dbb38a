import { createServer, type Server, type Socket } from 'node:net';

/** What a raw server does with a request; `requestCount` is 1 for its first. */
export type OnRequest = (socket: Socket, requestCount: number) => void;

/** A server below HTTP, so that it sees every request and may break every rule. */
export class RawServer {
  readonly requests: string[] = [];
  readonly #sockets: Socket[] = [];
  readonly #server: Server;

  private constructor(onRequest: OnRequest) {
    this.#server = createServer((socket) => {
      this.#sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        this.requests.push(data.toString('utf8'));
        onRequest(socket, this.requests.length);
      });
    });
  }

  static async start(onRequest: OnRequest): Promise<RawServer> {
    const raw = new RawServer(onRequest);
    await listen(raw.#server);
    return raw;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.#server)}/refresh`;
  }

  get connections(): number {
    return this.#sockets.length;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

/** Listens on a free port of this machine. */
export function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

/** The port of a server that listens. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
