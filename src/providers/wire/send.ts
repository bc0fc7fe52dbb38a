import type { Send } from '../port.js';
import { WireError } from '../wire-error.js';
import { isAllowedHost, isSecretSafe } from './destination.js';
import { exchange } from './exchange.js';

/** What a `Send` keeps to. */
export interface SendOptions {
  /** Hosts that requests may go to, as `isAllowedHost` reads them. Default: every https host, and loopback. */
  readonly allowedHosts?: readonly string[];
  /** Milliseconds from the call to the last byte of the answer. */
  readonly deadlineMs: number;
}

/** Makes the one door to providers: a request that may leave goes out once, never a second time by itself. */
export function createSend(options: SendOptions): Send {
  return async (request) => {
    const url = parsedUrl(request.url);
    if (url === undefined || !mayReceive(url, options.allowedHosts)) {
      throw new WireError('destination_refused', false);
    }
    return exchange(url, request, options.deadlineMs);
  };
}

function parsedUrl(address: string): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined;
}

function mayReceive(url: URL, allowedHosts: readonly string[] | undefined): boolean {
  return isSecretSafe(url) && (allowedHosts === undefined || isAllowedHost(url, allowedHosts));
}
