import type { Send, WireRequest } from '../port.js';
import { WireError } from '../wire-error.js';
import { isAllowedHost, isSecretSafe } from './destination.js';
import { exchange } from './exchange.js';

/** The limits of a `Send`. */
export interface SendOptions {
  /** Hosts that requests may go to, as `isAllowedHost` reads them. Default: every https host, and loopback. */
  readonly allowedHosts?: readonly string[];
  /** Whether to refuse http to this machine, too. If there are `allowedHosts`, they decide. Default false. */
  readonly refuseLoopback?: boolean;
  /** Milliseconds until the last byte of the answer. */
  readonly deadlineMs: number;
}

/** Makes the one door to providers. A request that may leave goes out once, and is never repeated by itself. */
export function createSend(options: SendOptions): Send {
  return async (request, elapsedMs) => {
    const url = parsedUrl(request.url);
    if (url === undefined || !mayReceive(url, request, options)) {
      throw new WireError('destination_refused', false);
    }
    return exchange(url, request, options.deadlineMs, elapsedMs);
  };
}

function parsedUrl(address: string): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined;
}

function mayReceive(
  url: URL,
  { namedBy, onlyTo = [] }: WireRequest,
  { allowedHosts, refuseLoopback = false }: SendOptions,
): boolean {
  if (!isSecretSafe(url) || !onlyTo.every((hosts) => isAllowedHost(url, hosts))) return false;
  if (allowedHosts !== undefined) return isAllowedHost(url, allowedHosts);
  if (url.protocol === 'http:' && refuseLoopback) return false;
  return namedBy === undefined || isHostOf(url, new URL(namedBy));
}

/** Whether it is the issuer's own host, on any port, or a host below it. A sibling of the issuer's host may be anybody's. */
function isHostOf(url: URL, issuer: URL): boolean {
  return url.hostname === issuer.hostname || url.hostname.endsWith(`.${issuer.hostname}`);
}
