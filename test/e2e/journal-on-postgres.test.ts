import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FailureDetails } from '../../src/contract/failures.js';
import { CliProcess } from '../support/cli-process.js';
import { HoldingProxy } from '../support/holding-proxy.js';
import { KeptCredentials, youngToken } from '../support/kept-credential.js';
import { faithfully } from '../support/provider-scripts.js';
import { shared } from '../support/shared-resources.js';
import { TestDatabase } from '../support/test-database.js';

/** A dead worker is noticed by its heartbeats; the rest is for a loaded machine. */
const LIMIT_MS = 90_000;
const WAIT = { timeout: 60_000, interval: 100 };
vi.setConfig({ testTimeout: LIMIT_MS });

let database: TestDatabase;
let credentials: KeptCredentials;

beforeAll(async () => {
  database = await TestDatabase.create(await shared('postgresUrl'));
  credentials = await KeptCredentials.open({
    env: { EVERTOKEN_JOURNAL_DIR: '', EVERTOKEN_JOURNAL_URL: database.url },
  });
});
afterAll(async () => {
  await credentials.close();
  await database.drop();
});

describe('a refresh whose journal is in PostgreSQL', () => {
  afterEach(() => database.reopen());

  it('sends nothing while the database is away, says why, and goes on once it is back', async () => {
    const kept = await credentials.start({ token: youngToken() });
    await database.shut();
    await kept.force();
    const failure = await kept.pendingFailure();
    expect(failure).toMatchObject({ type: 'JournalUnavailableError', nonRetryable: false });
    expect((failure.details?.[0] as FailureDetails).code).toBe('journal_unreadable');
    expect(kept.standIn.requests).toHaveLength(0);
    await database.reopen();
    expect(await kept.fresh()).toMatchObject({ status: 'fresh', generation: 1 });
  });

  it('sends nothing while its intent cannot be written, says why, and goes on once it can', async () => {
    const kept = await credentials.start({ token: youngToken() });
    await database.query(`REVOKE INSERT, UPDATE ON evertoken.journal FROM ${database.role}`);
    await kept.force();
    const failure = await kept.pendingFailure();
    expect(failure).toMatchObject({ type: 'JournalUnavailableError', nonRetryable: false });
    expect((failure.details?.[0] as FailureDetails).code).toBe('intent_not_written');
    expect(kept.standIn.requests).toHaveLength(0);
    await database.query(`GRANT INSERT, UPDATE ON evertoken.journal TO ${database.role}`);
    expect(await kept.fresh()).toMatchObject({ status: 'fresh', generation: 1 });
  });

  it('is completed although its answer cannot be journaled, says so, and is not sent again', async () => {
    const kept = await credentials.start({
      scripts: [
        async (faithful) => {
          await database.shut();
          return faithful();
        },
      ],
    });
    await expect
      .poll(async () => kept.token(), WAIT)
      .toMatchObject({ status: 'fresh', generation: 1 });
    expect(kept.standIn.requests).toHaveLength(1);
    const said = credentials.stack.logLines.filter((line) => line.includes('not be journaled'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`"${kept.spec.id}"`);
  });
});

describe('two worker processes on one journal in PostgreSQL', () => {
  const proxies: HoldingProxy[] = [];
  const workers: CliProcess[] = [];

  beforeAll(async () => {
    await credentials.stack.stopWorkers();
    const { address, namespace } = credentials.stack.namespace;
    proxies.push(await HoldingProxy.open(address), await HoldingProxy.open(address));
    const started = proxies.map((proxy) =>
      CliProcess.startWorker({
        ...credentials.stack.env,
        TEMPORAL_ADDRESS: proxy.address,
        TEMPORAL_NAMESPACE: namespace,
      }),
    );
    workers.push(...(await Promise.all(started)));
  }, LIMIT_MS);

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await credentials.stack.startWorkers();
  });

  it('complete a generation without a second request when one is killed after its answer', async () => {
    await database.query('TRUNCATE evertoken.journal');
    const kept = await credentials.start({
      provider: 'tavio',
      scripts: [
        (faithful) => {
          // Nobody can report to Temporal from here on, so the journal alone has the answer.
          for (const proxy of proxies) proxy.hold();
          return faithful();
        },
        faithfully,
      ],
    });
    const victim = await vi.waitUntil(() => workers.find(logged('credential refreshed')), WAIT);
    const answered = await revision();
    await victim.end('SIGKILL');
    for (const proxy of proxies) proxy.release();

    await expect
      .poll(async () => kept.token().catch(() => undefined), WAIT)
      .toMatchObject({ status: 'fresh', generation: 1 });
    expect(workers.filter(logged('refresh answered from the journal'))).toEqual(
      workers.filter((worker) => worker !== victim),
    );
    expect(kept.standIn.requests).toHaveLength(1);
    expect(await revision()).toBe(answered);

    expect(await kept.fresh(1)).toMatchObject({ status: 'fresh', generation: 2 });
    expect(kept.standIn.requests).toHaveLength(2);
    expect(await revision()).toBe(answered + 2n);
  });

  function logged(message: string): (worker: CliProcess) => boolean {
    return ({ lines }) => lines.some((line) => line.includes(message));
  }

  /** Of the only entry: an intent and an answer add one each. */
  async function revision(): Promise<bigint> {
    const rows = await database.query<{ revision: string }>(
      'SELECT revision FROM evertoken.journal',
    );
    const [row] = rows;
    if (row === undefined || rows.length > 1) throw new Error('not one entry');
    return BigInt(row.revision);
  }
});

describe('a worker whose journal cannot be reached when it starts', () => {
  it('says why in one line without a secret, and exits with 1', async () => {
    await database.shut();
    const { address, namespace } = credentials.stack.namespace;
    const worker = await CliProcess.start(['worker'], {
      ...credentials.stack.env,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
    });
    expect(await worker.ended()).toBe(1);
    expect(worker.lines).toContain('error: journal database cannot be opened [cause=28000]');
    const text = worker.lines.join('\n');
    expect(text).not.toContain(database.password);
    expect(text).not.toContain(database.role);
  });
});
