import pg from 'pg';
import PgBoss from 'pg-boss';
import { PG_BOSS_JOB, PG_BOSS_OPTIONS, PG_BOSS_QUEUE } from './pg-boss.js';
import type { RefreshJob } from './rival.js';
import { requestToken } from './token-request.js';

/** Jobs of one fetch, and the shortest pause between two fetches that pg-boss allows. */
const WORK = { batchSize: 50, pollingIntervalSeconds: 0.5 } as const;

const connectionString = process.env['BENCH_POSTGRES'] ?? '';
const pool = new pg.Pool({ connectionString });
const boss = new PgBoss({ connectionString, ...PG_BOSS_OPTIONS });
boss.on('error', () => undefined);
await boss.start();
await boss.work<RefreshJob>(PG_BOSS_QUEUE, WORK, async (jobs) => {
  const outcomes = await Promise.allSettled(jobs.map(({ data }) => refresh(data)));
  // A batch ends as one: those that failed are told apart here.
  const failed = jobs.filter((_, index) => outcomes[index]?.status === 'rejected');
  if (failed.length > 0)
    await boss.fail(
      PG_BOSS_QUEUE,
      failed.map(({ id }) => id),
    );
});
process.stdout.write('worker started\n');
process.on('disconnect', () => process.exit());

async function refresh({
  id,
  tokenEndpoint,
  periodMs,
  plannedMs = Date.now(),
}: RefreshJob): Promise<void> {
  const { rows } = await pool.query<{ refresh_token: string }>(
    'SELECT refresh_token FROM tokens WHERE id = $1',
    [id],
  );
  const granted = await requestToken(tokenEndpoint, rows[0]?.refresh_token ?? '', plannedMs);
  const nextMs = Date.now() + periodMs;
  const transaction = await pool.connect();
  try {
    await transaction.query('BEGIN');
    await transaction.query(
      'UPDATE tokens SET refresh_token = $2, access_token = $3, expires_at = now() + make_interval(secs => $4) WHERE id = $1',
      [id, granted.refresh_token, granted.access_token, granted.expires_in],
    );
    const next: RefreshJob = { id, tokenEndpoint, periodMs, plannedMs: nextMs };
    await boss.send(PG_BOSS_QUEUE, next, {
      ...PG_BOSS_JOB,
      startAfter: new Date(nextMs),
      db: { executeSql: (text, values: unknown[]) => transaction.query(text, values) },
    });
    await transaction.query('COMMIT');
  } catch (error) {
    await transaction.query('ROLLBACK');
    throw error;
  } finally {
    transaction.release();
  }
}
