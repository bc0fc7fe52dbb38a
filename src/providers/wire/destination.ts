const LOOPBACK_IPV4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** Whether an address stays on this machine: 127.0.0.0/8, `::1` or `localhost`. */
function isLoopback(url: URL): boolean {
  return (
    url.hostname === 'localhost' || url.hostname === '[::1]' || LOOPBACK_IPV4.test(url.hostname)
  );
}

/** Whether secrets may travel to an address: https, or http that does not leave this machine. */
export function isSecretSafe(url: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
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
