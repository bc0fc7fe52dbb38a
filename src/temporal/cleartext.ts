import { isLoopbackHost } from '../contract/loopback.js';
import type { TemporalTarget } from './connection.js';

/** Whether what is sent to Temporal could be read or changed on its way: no TLS, and not to this machine. */
export function isCleartextTemporal({ address, options }: TemporalTarget): boolean {
  // As the SDK takes them: an API key turns TLS on only where nothing is said of TLS.
  const tls = options.tls ?? options.apiKey !== undefined;
  return tls === false && !isLoopbackHost(address.replace(/:\d+$/, ''));
}
