import { setTimeout as delay } from 'node:timers/promises';
import {
  HEARTBEAT_TIMEOUT_MS,
  HTTP_DEADLINE_MS,
  IN_DOUBT_GRACE_MS,
} from '../../src/policy/attempt-numbers.js';
import { allWorked, eachIs, type Fault, journaledIds } from './fault.js';
import type { FaultCredential } from './fault-credential.js';
import type { Lane } from './lane.js';

const SECOND_MS = 1_000;

/** The server waits for heartbeats for many seconds; until then its processor is for others. */
const LOOK_SELDOM_MS = 200;

/** The server stands still until heartbeats are overdue; it may then start a second attempt beside the first. */
export const pausedServer: Fault = {
  title: 'server stands still during the request',
  victim: 'Temporal server',
  mustBeHarmless: true,
  strike: async (lane, credentials) => {
    await allWorked(credentials);
    const atMs = Date.now();
    await lane.server.signal('SIGSTOP');
    await delay(HEARTBEAT_TIMEOUT_MS + SECOND_MS);
    await lane.server.signal('SIGCONT');
    await delay(2 * SECOND_MS);
    for (const credential of credentials) credential.letAnswer();
    return { atMs, journaled: await journaledIds(lane, credentials) };
  },
};

/** No heartbeat reaches the server: it gives the first attempt up and starts a second while the request is open. */
export const partition: Fault = {
  title: 'worker cut off from the server, a second attempt beside the first',
  victim: 'network',
  mustBeHarmless: true,
  strike: async (lane, credentials) => {
    await allWorked(credentials);
    const atMs = Date.now();
    lane.network.hold();
    await secondAttempts(lane, credentials);
    lane.network.release();
    await delay(2 * SECOND_MS);
    for (const credential of credentials) credential.letAnswer();
    return { atMs, journaled: await journaledIds(lane, credentials) };
  },
};

/** The worker stands still with its request open, while a second worker takes the refresh over; then it goes on. */
export const pausedWorker: Fault = {
  title: 'worker stands still during the request, another takes over',
  victim: 'worker',
  mustBeHarmless: true,
  strike: (lane, credentials) => suspend(lane, credentials, HEARTBEAT_TIMEOUT_MS + 2 * SECOND_MS),
};

/** As before, but for so long that the open request counts as over while its answer waits in the socket. */
export const workerSuspendedTooLong: Fault = {
  title: 'worker suspended past the request’s deadline, its answer unread',
  victim: 'worker',
  mustBeHarmless: false,
  strike: (lane, credentials) =>
    suspend(
      lane,
      credentials,
      HEARTBEAT_TIMEOUT_MS + HTTP_DEADLINE_MS + IN_DOUBT_GRACE_MS + 10 * SECOND_MS,
    ),
};

async function suspend(
  lane: Lane,
  credentials: readonly FaultCredential[],
  forMs: number,
): ReturnType<Fault['strike']> {
  await allWorked(credentials);
  const atMs = Date.now();
  lane.worker.signal('SIGSTOP');
  const another = await lane.startAnother();
  for (const credential of credentials) credential.letAnswer();
  await delay(atMs + forMs - Date.now());
  lane.worker.signal('SIGCONT');
  await lane.replaceWorker(another);
  return { atMs, journaled: [] };
}

async function secondAttempts(lane: Lane, credentials: readonly FaultCredential[]): Promise<void> {
  const isSecond = async ({ spec }: FaultCredential): Promise<boolean> => {
    const [refresh] = await lane.pendingActivities(spec.id);
    return (refresh?.attempt ?? 0) > 1;
  };
  await eachIs(credentials, isSecond, LOOK_SELDOM_MS);
}
