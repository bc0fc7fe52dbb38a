import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { BULLMQ_QUEUE, tokenKey } from './bullmq.js';
import type { RefreshJob } from './rival.js';
import { requestToken } from './token-request.js';

/** Jobs at once: they wait for the provider most of the time. */
const CONCURRENCY = 50;

const connection = {
  host: LOOPBACK,
  port: Number(process.argv[2]),
  // BullMQ asks for it: a worker waits for a Redis that is away.
  maxRetriesPerRequest: null,
};
const client = new Redis(connection);

const worker = new Worker<RefreshJob>(
  BULLMQ_QUEUE,
  async ({ id: jobId = '', data: { id, tokenEndpoint } }) => {
    // A scheduler names its jobs for the time that they are due at.
    const plannedMs = Number(jobId.split(':').at(-1));
    const refreshToken = (await client.hget(tokenKey(id), 'refreshToken')) ?? '';
    const granted = await requestToken(tokenEndpoint, refreshToken, plannedMs);
    await client.hset(tokenKey(id), {
      accessToken: granted.access_token,
      refreshToken: granted.refresh_token,
      expiresAtMs: Date.now() + granted.expires_in * 1_000,
    });
  },
  { connection, concurrency: CONCURRENCY },
);
worker.on('error', () => undefined);
await worker.waitUntilReady();
process.stdout.write('worker started\n');
process.on('disconnect', () => process.exit());
