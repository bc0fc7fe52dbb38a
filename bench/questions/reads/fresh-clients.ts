import type { KeeperFleet } from '../../fleet/keepers.js';
import { describe, openBareClient } from '../../fleet/temporal-client.js';
import { atOnce } from '../../measure/at-once.js';
import { CallLog, timedCall } from '../../measure/call-log.js';
import type { BenchContext } from '../../question.js';
import { figure } from '../../report/figures.js';
import { READ_SIZES } from './sizes.js';

const READS_AT_ONCE = 8;

/** Reads, each by a client that knows nothing: it connects, reads one token and closes. */
export async function readByFreshClients(
  { size, progress }: BenchContext,
  fleet: KeeperFleet,
  ids: readonly string[],
): Promise<CallLog> {
  return readings(size, progress, ids, async (id) => {
    const tokens = await fleet.connect();
    try {
      await tokens.get(id);
    } finally {
      await tokens.close();
    }
  });
}

/** The same with one bare call to Temporal in place of the read. */
export async function describeByFreshClients(
  { size, progress, server }: BenchContext,
  workflowIds: readonly string[],
): Promise<CallLog> {
  return readings(size, progress, workflowIds, async (workflowId) => {
    const client = await openBareClient(server.address);
    try {
      await describe(client, workflowId);
    } finally {
      await client.connection.close();
    }
  });
}

async function readings(
  size: BenchContext['size'],
  progress: BenchContext['progress'],
  ids: readonly string[],
  read: (id: string) => Promise<void>,
): Promise<CallLog> {
  const calls = new CallLog();
  const count = READ_SIZES[size].freshReads;
  const wanted = Array.from({ length: count }, (_, index) => ids[index % ids.length] ?? '');
  await atOnce(READS_AT_ONCE, wanted, (id) => timedCall(calls, () => read(id)));
  const { p50, p99, failed } = calls.sample();
  progress.say(`${count} reads: ${failed} failed, p50 ${figure(p50)} ms, p99 ${figure(p99)} ms`);
  return calls;
}

/** A row of the table of such reads. */
export function freshReads(when: string, what: string, calls: CallLog): readonly string[] {
  const { p50, p99, failed } = calls.sample();
  return [when, `${calls.ms.length} × ${what}`, String(failed), figure(p50), figure(p99)];
}
