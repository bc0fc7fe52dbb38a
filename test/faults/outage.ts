import { setTimeout as delay } from 'node:timers/promises';
import { LEAD_JITTER_SHARE } from '../../src/policy/attempt-numbers.js';
import { FaultCredential, type RotationName, ROTATIONS } from './fault-credential.js';
import type { TryResult } from './fault-try.js';
import type { Lane } from './lane.js';
import { brokenPromises, outcomeOf } from './outcome.js';

const CREDENTIALS = 10;
const READ_EVERY_MS = 1_000;
/** Validity left when the server is back, at least: a machine under load takes its time. */
const LEAD_MIN_MS = 60_000;
/** Until the first of them is due: time to begin the outage. */
const SET_UP_MS = 10_000;

/** Ends the server for a time in which ten tokens come due, and reads them all the while. */
export async function runOutage(lane: Lane, awayMs: number): Promise<readonly TryResult[]> {
  const names = Object.keys(ROTATIONS) as RotationName[];
  const leadMs = Math.max(awayMs, LEAD_MIN_MS);
  const jitterMs = leadMs * LEAD_JITTER_SHARE;
  const credentials = await Promise.all(
    Array.from({ length: CREDENTIALS }, (_, index) => {
      const rotation = names[index % names.length] ?? 'strict';
      const laterMs = ((awayMs - SET_UP_MS - jitterMs) * index) / CREDENTIALS;
      const leftMs = leadMs + jitterMs + SET_UP_MS + laterMs;
      return FaultCredential.open(`outage/${index}`, { rotation, leftMs, leadMs });
    }),
  );
  for (const credential of credentials) credential.letAnswer();
  try {
    await Promise.all(credentials.map(({ spec }) => lane.keepers.apply(spec)));
    const reader = new Reader(lane, credentials);
    await reader.readAll();
    await lane.server.kill();
    await reader.readFor(awayMs);
    const atMs = Date.now();
    if (credentials.some(({ requests }) => requests > 0)) throw new Error('a token was due early');
    await lane.server.restart();
    return await Promise.all(
      credentials.map(async (credential): Promise<TryResult> => {
        const outcome = await outcomeOf(lane, credential, { atMs, wasJournaled: false });
        const { rotation } = credential;
        return {
          ...outcome,
          title: `server away for ${awayMs / 1_000} s, token due meanwhile`,
          victim: 'Temporal server',
          rotation,
          seed: 0,
          broken: [
            ...brokenPromises({ mustBeHarmless: true }, rotation, outcome),
            ...(reader.failures === 0 ? [] : ['a reader got no token while it was valid']),
          ],
        };
      }),
    );
  } finally {
    await Promise.all(credentials.map((credential) => credential.close()));
  }
}

/** A service that reads every token once a second. */
class Reader {
  /** Reads without a valid token. */
  failures = 0;
  readonly #lane: Lane;
  readonly #ids: readonly string[];

  constructor(lane: Lane, credentials: readonly FaultCredential[]) {
    this.#lane = lane;
    this.#ids = credentials.map(({ spec }) => spec.id);
  }

  async readFor(durationMs: number): Promise<void> {
    const endsAt = performance.now() + durationMs;
    while (performance.now() < endsAt) {
      await Promise.all([this.readAll(), delay(READ_EVERY_MS)]);
    }
  }

  async readAll(): Promise<void> {
    const reads = this.#ids.map(async (id) => {
      const { expiresAt } = await this.#lane.tokens.get(id);
      return expiresAt.getTime() > Date.now();
    });
    for (const read of await Promise.allSettled(reads)) {
      if (read.status === 'rejected' || !read.value) this.failures += 1;
    }
  }
}
