import { isLoopbackHost } from '../contract/loopback.js';
import type { TemporalTarget } from './connection.js';

/** Whether what is sent to Temporal could be read or changed on its way: no TLS, and not to this machine. */
export function isCleartextTemporal({ address, options }: TemporalTarget): boolean {
  const hasTls = options.apiKey !== undefined || (options.tls ?? false) !== false;
  return !hasTls && !isLoopbackHost(address.replace(/:\d+$/, ''));
}
