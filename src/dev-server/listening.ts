import { connect } from 'node:net';
import { PORT_MAX } from '../settings/values.js';

/** Longest wait for a connection within this machine, which takes a millisecond. */
const CONNECT_DEADLINE_MS = 1_000;

/** Whether something accepts connections at an address, `host:port`. */
export async function isListening(address: string): Promise<boolean> {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || Number(port) > PORT_MAX) return false;
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: CONNECT_DEADLINE_MS });
    const settle = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket
      .once('connect', () => settle(true))
      .once('timeout', () => settle(false))
      .once('error', () => settle(false));
  });
}
