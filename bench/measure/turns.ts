import type { Client } from '@temporalio/client';
import { type HistorySize, historySize } from '../fleet/temporal-client.js';
import type { BenchServer } from '../server/bench-server.js';
import { atOnce } from './at-once.js';
import { cpuMs, residentBytes } from './processes.js';
import type { Sample } from './rounds.js';

/** Workflows whose histories are looked at. */
const HISTORIES_LOOKED_AT = 20;
const LOOKS_AT_ONCE = 8;

/** Whose turns are measured. */
export interface TurningWorkflows {
  readonly server: BenchServer;
  readonly client: Client;
  readonly workerPids: readonly number[];
  readonly workflowIds: readonly string[];
  /** Turns so far, by workflow ID. */
  turnsOf(): Promise<ReadonlyMap<string, number>>;
}

/** Turns a second while something lasts, and what each took. */
export async function measureTurns(
  turning: TurningWorkflows,
  window: () => Promise<unknown>,
): Promise<Sample> {
  const { server, workerPids } = turning;
  const lookedAt = turning.workflowIds.slice(0, HISTORIES_LOOKED_AT);
  const historiesBefore = await histories(turning, lookedAt);
  const databaseBefore = await server.databaseBytes();
  const turnsBefore = await turning.turnsOf();
  const serverBefore = cpuMs(server.pids);
  const workerBefore = cpuMs(workerPids);
  const startedAt = performance.now();
  await window();
  const seconds = (performance.now() - startedAt) / 1_000;
  const serverMs = cpuMs(server.pids) - serverBefore;
  const workerMs = cpuMs(workerPids) - workerBefore;
  const turnsAfter = await turning.turnsOf();
  const databaseBytes = (await server.databaseBytes()) - databaseBefore;
  const historiesAfter = await histories(turning, lookedAt);
  const turns = total(turnsAfter) - total(turnsBefore);
  return {
    turnsPerSecond: turns / seconds,
    serverMs: serverMs / turns,
    workerMs: workerMs / turns,
    databaseBytes: databaseBytes / turns,
    workerBytes: residentBytes(workerPids),
    ...historyPerTurn(lookedAt, historiesBefore, historiesAfter, turnsBefore, turnsAfter),
  };
}

function histories(
  { client }: TurningWorkflows,
  ids: readonly string[],
): Promise<readonly HistorySize[]> {
  return atOnce(LOOKS_AT_ONCE, ids, (id) => historySize(client, id));
}

/** Of the workflows whose run did not change meanwhile. */
function historyPerTurn(
  ids: readonly string[],
  before: readonly HistorySize[],
  after: readonly HistorySize[],
  turnsBefore: ReadonlyMap<string, number>,
  turnsAfter: ReadonlyMap<string, number>,
): Sample {
  let turns = 0;
  let bytes = 0;
  let events = 0;
  for (const [index, id] of ids.entries()) {
    const [first, last] = [before[index], after[index]];
    if (first === undefined || first.runId !== last?.runId) continue;
    turns += (turnsAfter.get(id) ?? 0) - (turnsBefore.get(id) ?? 0);
    bytes += last.bytes - first.bytes;
    events += last.events - first.events;
  }
  return turns === 0 ? {} : { historyBytes: bytes / turns, historyEvents: events / turns };
}

function total(turnsOf: ReadonlyMap<string, number>): number {
  return [...turnsOf.values()].reduce((sum, turns) => sum + turns, 0);
}
