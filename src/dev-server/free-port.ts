import { createServer } from 'node:net';
import { LOOPBACK } from '../contract/loopback.js';

/** A port of the loopback address that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  return tryPort(0);
}

/** Whether the loopback port can be listened on at this moment. */
export async function isPortFree(port: number): Promise<boolean> {
  return tryPort(port).then(
    () => true,
    () => false,
  );
}

async function tryPort(port: number): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address) resolve(address.port);
        else reject(new Error('no TCP address'));
      });
    });
  });
}
