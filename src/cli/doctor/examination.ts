import { setMaxListeners } from 'node:events';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { abortable } from '../../client/abortable.js';
import { TokenError } from '../../client/token-error.js';
import { defined } from '../../contract/defined.js';
import { providerTaskQueue } from '../../contract/names.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { publishedSettingsIn } from '../../keepers/published-memo.js';
import { asPublished, listKeeperRuns } from '../../keepers/runs.js';
import type { KeeperRun } from '../../keepers/runs.js';
import { serverReason } from '../../keepers/temporal-error.js';
import { TemporalUnreachableError } from '../../temporal/connect-in-time.js';
import { CLI_CALL_DEADLINE_MS } from '../numbers.js';
import { isRunning, speaksFor } from '../scoped-file.js';
import type { ScopedFile } from '../scoped-file.js';
import type { CliSession } from '../session.js';
import { withOwnerSession } from '../session.js';
import { spanText } from '../time-text.js';
import { credentialFindings } from './credential-findings.js';
import type { Finding } from './finding.js';
import { askedFinding, publishedFinding } from './keys-finding.js';
import {
  encryptionFinding,
  retentionFinding,
  searchAttributesFinding,
  serverFinding,
} from './server-findings.js';
import { workerFindings } from './worker-findings.js';

/** What to examine, and how long it may take. */
export interface Examination {
  readonly env: NodeJS.ProcessEnv;
  /** What should be kept. Absent: whatever is kept. */
  readonly file?: ScopedFile;
  readonly timeoutMs: number;
  /** Ends it early; it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Makes every check once, and hands over each finding as it comes. It is also a finding if Temporal cannot be reached, or if
 * the time is over. Rejects if the settings cannot be used.
 */
export async function examine(
  { env, file, timeoutMs, signal }: Examination,
  onFinding: (finding: Finding) => void,
): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const ends = AbortSignal.any([timeout, signal]);
  // The SDK leaves a listener behind for each call, and there may be as many calls as credentials.
  setMaxListeners(0, ends);
  const work = (session: CliSession): Promise<void> =>
    session.client.withAbortSignal(ends, () =>
      abortable(handOver(allFindings(session, file), onFinding, ends), ends),
    );
  try {
    await withOwnerSession(env, work, Math.min(timeoutMs, CLI_CALL_DEADLINE_MS));
  } catch (error) {
    signal.throwIfAborted();
    const isOutOfTime = timeout.aborted && !(error instanceof TemporalUnreachableError);
    onFinding(isOutOfTime ? outOfTime(timeoutMs) : serverTrouble(error));
  }
}

async function handOver(
  findings: AsyncGenerator<Finding>,
  onFinding: (finding: Finding) => void,
  ends: AbortSignal,
): Promise<void> {
  for await (const finding of findings) {
    // A check that is still running when the time is over is cut short, and says nothing.
    ends.throwIfAborted();
    onFinding(finding);
  }
}

async function* allFindings(
  session: CliSession,
  file: ScopedFile | undefined,
): AsyncGenerator<Finding> {
  yield encryptionFinding(session);
  yield await serverFinding(session);
  yield await retentionFinding(session);
  yield await searchAttributesFinding(session);
  const all = await listKeeperRuns(session.client);
  const scoped = all.filter((run) => speaksFor(file, run));
  const runs = await mapConcurrently(scoped, (run) => asPublished(session.client, run));
  const workers = await workerFindings(session, await refreshQueuesOf(session, runs, file));
  yield* workers;
  const isServed = workers[0]?.level === 'ok';
  const keys = await publishedFinding(session, all);
  // Keepers that cannot be read are asked one by one, which may take all the time. So the cause comes first.
  if (keys?.level === 'fail') yield keys;
  const credentials = await credentialFindings(session, {
    runs,
    isServed,
    ...defined({ file }),
  });
  yield* credentials;
  if (keys === undefined) yield await askedFinding(session, { runs: all, credentials, isServed });
  else if (keys.level !== 'fail') yield keys;
}

/**
 * Task queues on which the refreshes of running keepers, and of what the file names, wait for workers. Among thousands of keepers
 * those of a group that no worker serves show nothing until their tokens are about to expire, so the queues themselves are looked
 * at.
 */
async function refreshQueuesOf(
  { client }: CliSession,
  runs: readonly KeeperRun[],
  file: ScopedFile | undefined,
): Promise<readonly string[]> {
  const running = await mapConcurrently(runs.filter(isRunning), (run) => appliedTo(client, run));
  const queues = [...running, ...(file?.credentials ?? [])].flatMap(({ provider, group }) =>
    provider === undefined ? [] : [providerTaskQueue(provider, group)],
  );
  return [...new Set(queues)].sort();
}

/** Only what was applied last names a keeper's group. Where that cannot be read, its provider is known at least. */
async function appliedTo(
  client: Client,
  run: KeeperRun,
): Promise<{ readonly provider?: string; readonly group?: string }> {
  return (await publishedSettingsIn(client, run.id, run.memo).catch(() => undefined)) ?? run;
}

function outOfTime(timeoutMs: number): Finding {
  const text = `not done within ${spanText(timeoutMs)}; allow more with --timeout`;
  return { level: 'fail', check: 'server', problem: 'slow', text };
}

function serverTrouble(error: unknown): Finding {
  const finding = { level: 'fail', check: 'server', problem: 'unreachable' } as const;
  if (error instanceof TokenError) return { ...finding, text: error.message };
  const isOfTemporal = error instanceof TemporalUnreachableError || isGrpcServiceError(error);
  if (!isOfTemporal) throw error;
  return { ...finding, text: serverReason(error) };
}
