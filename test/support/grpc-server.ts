import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { Http2Server } from 'node:http2';

/** A gRPC server that answers every call with one status and an empty message, and the first with another one if told so. */
export async function startGrpcServer(
  status: string,
  first = status,
): Promise<{ address: string; server: Http2Server }> {
  const server = createServer();
  let calls = 0;
  server.on('stream', (stream) => {
    const answered = (calls += 1) === 1 ? first : status;
    stream.on('error', () => undefined);
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': answered }));
    stream.end(answered === '0' ? Buffer.alloc(5) : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return { address: `127.0.0.1:${bound.port}`, server };
}
