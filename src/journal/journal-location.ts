import { isLoopbackHost } from '../contract/loopback.js';

/** Where the refresh journal is: in a folder of this host, or in a PostgreSQL database, whose URL may hold a password. */
export type JournalLocation = { readonly directory: string } | { readonly url: string };

/** Modes of `sslmode` in which the driver checks the server's certificate: it takes all of them for `verify-full`. */
const CHECKED_MODES = ['prefer', 'require', 'verify-ca', 'verify-full'];
/** The same if it is to be as lenient as PostgreSQL's own library. */
const CHECKED_MODES_OF_LIBPQ = ['verify-ca', 'verify-full'];

/**
 * Whether somebody could read or change what is sent to a database: it is not on this machine, and there is no TLS that
 * checks its certificate. A host that is a folder means a socket of this machine.
 */
export function isCleartextPostgres(url: string): boolean {
  const { hostname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? decodeURIComponent(hostname);
  if (host === '' || host.startsWith('/') || isLoopbackHost(host)) return false;
  const isOfLibpq = searchParams.get('uselibpqcompat') === 'true';
  const checked = isOfLibpq ? CHECKED_MODES_OF_LIBPQ : CHECKED_MODES;
  return !checked.includes(searchParams.get('sslmode') ?? '');
}
