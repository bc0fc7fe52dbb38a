import { afterEach, describe, expect, it, vi } from 'vitest';
import { RejectedClients } from '../../src/activities/rejected-clients.js';
import { SecretStanding, type TurnFacts } from '../../src/activities/secret-standing.js';
import { RETRY_JITTER_SHARE } from '../../src/policy/attempt-numbers.js';
import { clientRejectedDelayMs } from '../../src/policy/backoff.js';
import { clientLookMs } from '../../src/policy/client-look.js';
import { CLIENT_FORGOTTEN_MS } from '../../src/policy/fleet-numbers.js';

const REJECTION = { code: 'invalid_client', httpStatus: 401, atMs: 0 };
const TASK_QUEUE = 'evertoken.oauth2';
/** With these, looks are far more seldom than where nothing is limited. */
const CREDENTIALS = 100;
const LIMIT = 1;

function facts(nth: number): TurnFacts {
  return {
    credentialId: `acme/${nth}`,
    taskQueue: TASK_QUEUE,
    isAskedFor: false,
    limit: LIMIT,
  };
}

/** A client that was rejected for two credentials at 0; all others of the task queue were held back since. */
function rejectedClient(): SecretStanding {
  const standing = new SecretStanding(false, 0);
  for (const nth of [0, 1]) standing.rejected(facts(nth), REJECTION, 0);
  for (let nth = 2; nth < CREDENTIALS; nth += 1) {
    expect(standing.turn(facts(nth), 1)).toBe(REJECTION);
  }
  return standing;
}

describe('a credential that was rejected itself, on a task queue with a small rate limit', () => {
  const lookMs = clientLookMs({ held: CREDENTIALS, limit: LIMIT, jitter: 0 });
  const longestMs = clientRejectedDelayMs(1, 0);
  const shortestMs = longestMs * (1 - RETRY_JITTER_SHARE);

  it('leaves the trial of its client to the others until each of them has looked', () => {
    const standing = rejectedClient();
    const lastLookMs = shortestMs + lookMs - 1;
    expect(standing.turn(facts(0), lastLookMs)).toBe(REJECTION);
    expect(standing.turn(facts(2), lastLookMs)).toBe('send');
  });

  it('tries its client itself once none of them has', () => {
    expect(rejectedClient().turn(facts(0), longestMs + lookMs)).toBe('send');
  });
});

describe('credentials that find their client on trial', () => {
  it('come back within the share of their own task queue’s limit', () => {
    const clients = new RejectedClients();
    const wrong = { name: 'shop', secret: 'wrong' };
    const right = { name: 'shop', secret: 'right' };
    for (const nth of [0, 1]) clients.rejected(wrong, facts(nth), REJECTION);
    expect(clients.turn(right, facts(2))).toEqual({ do: 'send' });
    const waits = (of: (nth: number) => TurnFacts): unknown[] =>
      [3, 4, 5].map((nth) => clients.turn(right, of(nth)));
    const { limit: _limit, ...unlimited } = facts(0);
    const elsewhere = (nth: number): TurnFacts => ({
      ...unlimited,
      credentialId: `other/${nth}`,
      taskQueue: 'evertoken.oauth2.other',
    });
    expect(waits(elsewhere)).toEqual(Array(3).fill({ do: 'await-trial', waitMs: 2_000 }));
    expect(waits(facts)).toEqual(
      [10_000, 20_000, 30_000].map((waitMs) => ({ do: 'await-trial', waitMs })),
    );
  });
});

describe('what a worker knows of rejected clients', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is forgotten of a client that nobody has met for an hour, once another one is rejected', () => {
    const nowMs = vi.spyOn(performance, 'now').mockReturnValue(0);
    const clients = new RejectedClients();
    const shop = { name: 'shop', secret: 'wrong' };
    for (const nth of [0, 1]) clients.rejected(shop, facts(nth), REJECTION);
    nowMs.mockReturnValue(CLIENT_FORGOTTEN_MS);
    clients.rejected({ ...shop, name: 'one' }, facts(2), REJECTION);
    expect(clients.turn(shop, facts(3))).toEqual({ do: 'send' });
    expect(clients.turn(shop, facts(4))).toMatchObject({ do: 'await-trial' });
    clients.undecided(shop, facts(3).credentialId);
    nowMs.mockReturnValue(3 * CLIENT_FORGOTTEN_MS);
    clients.rejected({ ...shop, name: 'other' }, facts(2), REJECTION);
    for (const nth of [5, 6]) expect(clients.turn(shop, facts(nth))).toEqual({ do: 'send' });
  });

  it('is learned of a whole fleet in which each credential has a client of its own', () => {
    const clients = new RejectedClients();
    const held = Array.from({ length: 50_000 }, (_, nth) =>
      clients.rejected({ name: `client-${nth}`, secret: 'wrong' }, facts(nth), REJECTION),
    );
    expect(new Set(held)).toEqual(new Set([1]));
  });
});

describe('a client that is in use all the time', () => {
  it('lets go of a credential that was rejected once and that nobody has met for an hour since', () => {
    const standing = new SecretStanding(false, 0);
    standing.rejected(facts(0), REJECTION, 0);
    standing.accepted(facts(1).credentialId);
    expect(standing.isPlain).toBe(false);
    const laterMs = 2 * CLIENT_FORGOTTEN_MS;
    standing.rejected(facts(2), REJECTION, laterMs);
    standing.accepted(facts(2).credentialId);
    expect(standing.isPlain).toBe(true);
  });
});

describe('a client some of whose grants are refused', () => {
  it('is held back as a whole only after ever more rejections, once an acceptance has disproved the first two', () => {
    const standing = new SecretStanding(false, 0);
    let nth = 0;
    const rejectionsUntilHeld = (): number => {
      const before = nth;
      while (!standing.isRejected) standing.rejected(facts((nth += 1)), REJECTION, 0);
      return nth - before;
    };
    const counts = Array.from({ length: 7 }, () => {
      const count = rejectionsUntilHeld();
      standing.accepted('acme/good');
      return count;
    });
    expect(counts).toEqual([2, 4, 8, 16, 32, 64, 64]);
  });
});
