import { keeperWorkflowId } from '../../../src/contract/names.js';
import type { KeeperFleet } from '../../fleet/keepers.js';
import { describe, openBareClient } from '../../fleet/temporal-client.js';
import { atOnce } from '../../measure/at-once.js';
import { CallLog, timedCall } from '../../measure/call-log.js';
import type { BenchContext } from '../../question.js';
import { figure } from '../../report/figures.js';
import { READ_SIZES } from './sizes.js';

const READS_AT_ONCE = 8;
/** Reads of each kind that are left out: the first calls of a process load and compile what the later ones find. */
const WARM_UP_READS = 16;

/** Times of both kinds of read. */
export interface FreshReads {
  /** `get` of a token. */
  readonly get: CallLog;
  /** One bare call to Temporal in place of it. */
  readonly describe: CallLog;
}

/**
 * Reads, each by a client that knows nothing: it connects, reads one token, or describes its keeper, and closes. The kinds
 * alternate in the same lanes, so that both meet the same server.
 */
export async function readByFreshClients(
  context: BenchContext,
  fleet: KeeperFleet,
  ids: readonly string[],
): Promise<FreshReads> {
  const { size, progress } = context;
  await readInTurn(context, fleet, ids.slice(0, 2 * WARM_UP_READS), WARM_UP_READS);
  const count = READ_SIZES[size].freshReads;
  const reads = await readInTurn(context, fleet, ids, count);
  for (const [kind, calls] of [
    ['get', reads.get],
    ['describe', reads.describe],
  ] as const) {
    const { p50, p99, failed } = calls.sample();
    progress.say(
      `${count} × ${kind}: ${failed} failed, p50 ${figure(p50)} ms, p99 ${figure(p99)} ms`,
    );
  }
  return reads;
}

async function readInTurn(
  { server }: BenchContext,
  fleet: KeeperFleet,
  ids: readonly string[],
  count: number,
): Promise<FreshReads> {
  const reads = { get: new CallLog(), describe: new CallLog() };
  const wanted = Array.from({ length: 2 * count }, (_, index) => ids[index % ids.length] ?? '');
  await atOnce(READS_AT_ONCE, wanted, (id, index) =>
    index % 2 === 0
      ? timedCall(reads.get, () => getOnce(fleet, id))
      : timedCall(reads.describe, () => describeOnce(server.address, keeperWorkflowId(id))),
  );
  return reads;
}

async function getOnce(fleet: KeeperFleet, id: string): Promise<void> {
  const tokens = await fleet.connect();
  try {
    await tokens.get(id);
  } finally {
    await tokens.close();
  }
}

async function describeOnce(address: string, workflowId: string): Promise<void> {
  const client = await openBareClient(address);
  try {
    await describe(client, workflowId);
  } finally {
    await client.connection.close();
  }
}

/** Rows of the table of such reads. */
export function freshRows(when: string, reads: FreshReads): readonly (readonly string[])[] {
  return [row(when, 'get', reads.get), row('', 'bare describe', reads.describe)];
}

function row(when: string, what: string, calls: CallLog): readonly string[] {
  const { p50, p99, failed } = calls.sample();
  return [when, `${calls.ms.length} × ${what}`, String(failed), figure(p50), figure(p99)];
}
