import { performance } from 'node:perf_hooks';
import { turnAtMs, usualMsAfter } from '../policy/host-turn.js';
import { REQUEST_EXPECTED_MS } from '../policy/fleet-numbers.js';

/** A place at a host, or how long it takes until one should be free. */
export type Place = { readonly leave: () => void } | { readonly waitMs: number };

interface Host {
  /** When each open request began, the oldest first. */
  readonly open: Set<{ readonly sinceMs: number }>;
  usualMs: number;
  promisedUntilMs: number;
}

/**
 * How many requests this process has open at each host. An issuer that hangs or is slow can take only that many of the
 * activity slots.
 */
export class HostPlaces {
  readonly #perHost: number;
  readonly #hosts = new Map<string, Host>();

  constructor(perHost: number) {
    this.#perHost = perHost;
  }

  take(name: string): Place {
    const nowMs = performance.now();
    const host = this.#hosts.get(name) ?? emptyHost();
    this.#hosts.set(name, host);
    if (host.open.size >= this.#perHost) return { waitMs: this.#promise(host, nowMs) };
    const request = { sinceMs: nowMs };
    host.open.add(request);
    return {
      leave: () => {
        const leftMs = performance.now();
        host.open.delete(request);
        host.usualMs = usualMsAfter(host.usualMs, leftMs - request.sinceMs);
        // An idle host is forgotten: there may be many thousands, and what is known of one is soon learned again.
        if (host.open.size === 0 && host.promisedUntilMs <= leftMs) this.#hosts.delete(name);
      },
    };
  }

  #promise(host: Host, nowMs: number): number {
    const [oldest] = host.open;
    const atMs = turnAtMs(
      {
        places: this.#perHost,
        usualMs: host.usualMs,
        oldestMs: oldest === undefined ? 0 : nowMs - oldest.sinceMs,
        promisedUntilMs: host.promisedUntilMs,
        jitter: Math.random(),
      },
      nowMs,
    );
    host.promisedUntilMs = Math.max(host.promisedUntilMs, atMs);
    return atMs - nowMs;
  }
}

function emptyHost(): Host {
  return { open: new Set(), usualMs: REQUEST_EXPECTED_MS, promisedUntilMs: 0 };
}
