import dns from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Who waits for a lookup that is under way, by what it asks. */
const underWay = new Map<string, Parameters<LookupFunction>[2][]>();

/** Hosts whose last lookup failed. */
const failing = new Set<string>();

/** Settles once the last lookup of a failing host that was asked for is over. */
let failingAnswered = Promise.resolve();

/**
 * Node's own lookup, made once for all that ask the same at once. Node makes lookups on two threads of its process, and whoever
 * connects to the journal's database or to any other host waits for one of them. A host whose name servers hang would hold both
 * with two of its requests, and two such hosts would. So a host holds one, and all whose last lookup failed hold one together.
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
  const ask = (onAnswer: () => void = () => undefined): void =>
    dns.lookup(hostname, options, (...answer) => {
      underWay.delete(asked);
      if (answer[0] === null) failing.delete(hostname);
      else failing.add(hostname);
      onAnswer();
      for (const each of all) each(...answer);
    });
  if (failing.has(hostname)) failingAnswered = failingAnswered.then(() => new Promise(ask));
  else ask();
};
