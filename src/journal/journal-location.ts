import { isLoopbackHost } from '../contract/loopback.js';

/** Where the refresh journal is: in a folder of this host, or in a PostgreSQL database. The URL may hold a password. */
export type JournalLocation = { readonly directory: string } | { readonly url: string };

/** Modes of `sslmode` in which the driver checks whose certificate it is shown. */
const CHECKED_MODES = ['require', 'verify-ca', 'verify-full'];

/**
 * Whether what is sent to a database could be read or changed on its way: there is no TLS, and the database is not on
 * this machine. A host that is a folder is a socket of this machine.
 */
export function isCleartextPostgres(url: string): boolean {
  const { hostname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? decodeURIComponent(hostname);
  if (host === '' || host.startsWith('/') || isLoopbackHost(host)) return false;
  return !CHECKED_MODES.includes(searchParams.get('sslmode') ?? '');
}
