import { isLoopbackHost } from '../../contract/loopback.js';

/** Whether secrets may travel to an address: https, or http that does not leave this machine. */
export function isSecretSafe(url: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

/**
 * Whether a host is in the list: `api.example.com` on any port, `api.example.com:8443` on that port,
 * `*.example.com` for every name below `example.com` but not that name itself. Case does not matter.
 */
export function isAllowedHost(url: URL, allowedHosts: readonly string[]): boolean {
  const port = url.port === '' ? defaultPort(url) : url.port;
  return allowedHosts.some((entry) => {
    const allowed = entry.trim().toLowerCase();
    if (allowed.startsWith('*.')) return url.hostname.endsWith(allowed.slice(1));
    return allowed === url.hostname || allowed === `${url.hostname}:${port}`;
  });
}

function defaultPort(url: URL): string {
  return url.protocol === 'https:' ? '443' : '80';
}
