import type { TemporalTarget } from './connection.js';
import { isLoopbackHost } from './contract/loopback.js';

/** Modes of `sslmode` in which the driver checks whose certificate it is shown. */
const CHECKED_MODES = ['require', 'verify-ca', 'verify-full'];

/** Whether what is sent to Temporal could be read or changed on its way: no TLS, and not to this machine. */
export function isCleartextTemporal({ address, options }: TemporalTarget): boolean {
  const hasTls = options.apiKey !== undefined || (options.tls ?? false) !== false;
  return !hasTls && !isLoopbackHost(address.replace(/:\d+$/, ''));
}

/** As `isCleartextTemporal`, of a PostgreSQL URL. A host that is a folder is a socket of this machine. */
export function isCleartextPostgres(url: string): boolean {
  const { hostname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? decodeURIComponent(hostname);
  if (host === '' || host.startsWith('/') || isLoopbackHost(host)) return false;
  return !CHECKED_MODES.includes(searchParams.get('sslmode') ?? '');
}
