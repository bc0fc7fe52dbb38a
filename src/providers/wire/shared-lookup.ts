import dns from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Who waits for a lookup that is under way, by what it asks. */
const underWay = new Map<string, Parameters<LookupFunction>[2][]>();

/**
 * Node's own lookup, made once for all that ask the same at once. Node makes lookups on two threads of its process, and whoever
 * connects to the journal's database or to any other host waits for one of them. A host whose name servers hang would hold both
 * with two of its requests; so it holds one.
 */
export const sharedLookup: LookupFunction = (hostname, options, callback) => {
  const asked = JSON.stringify([hostname, options]);
  const waiting = underWay.get(asked);
  if (waiting !== undefined) {
    waiting.push(callback);
    return;
  }
  const all = [callback];
  underWay.set(asked, all);
  dns.lookup(hostname, options, (...answer) => {
    underWay.delete(asked);
    for (const each of all) each(...answer);
  });
};
