import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FailureDetails } from '../../src/contract/failures.js';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import { forceRefreshSignal, tokenQuery } from '../../src/contract/message-definitions.js';
import type { TokenAnswer } from '../../src/contract/messages.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { parseCredentials } from '../../src/credentials/load-credentials.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { createSealer } from '../../src/encryption/sealer.js';
import { openJournal } from '../../src/journal/open-journal.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { HTTP_DEADLINE_MS } from '../../src/policy/attempt-numbers.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';
import { loadConfig } from '../../src/settings/config.js';
import { startStandIns, type StandIns } from '../../src/stand-ins/index.js';
import type { StandInReply } from '../../src/stand-ins/message.js';
import { CliProcess } from '../support/cli-process.js';
import { HoldingProxy } from '../support/holding-proxy.js';
import { openTestNamespace, type TestNamespace } from '../support/test-namespace.js';
import { forceRequest } from '../support/requests.js';

/** A lost request is waited out for 25 s; the rest is for a loaded machine. */
const LIMIT_MS = 120_000;
const WAIT = { timeout: 60_000, interval: 50 };

/**
 * Three keepers lose one worker to SIGKILL: the first after its provider's answer was journaled and before Temporal
 * could hear of it, the others after their providers had done the work and before these answered.
 */
describe('a refresh whose worker was killed', { timeout: LIMIT_MS }, () => {
  const answered = { provider: 'tavio', id: 'killed/answered' };
  const lost = { provider: 'oauth2', id: 'killed/lost' };
  const graced = { provider: 'abitmedia', id: 'killed/graced' };

  let folder: string;
  let namespace: TestNamespace;
  let standIns: StandIns;
  let proxy: HoldingProxy;
  let successor: CliProcess | undefined;
  let lostAtMs: number;
  let gracedAtMs: number;
  let retriedAtMs: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evertoken-killed-'));
    const env = {
      EVERTOKEN_ENCRYPTION_KEYS: generateKey(),
      EVERTOKEN_JOURNAL_DIR: join(folder, 'journal'),
    };
    const config = loadConfig(env);
    const dataConverter = createDataConverter(config.encryption);
    namespace = await openTestNamespace({ dataConverter });
    standIns = await startStandIns({ lifetimeSeconds: 3_600 });
    proxy = await HoldingProxy.open(namespace.address);
    const inNamespace = { ...env, TEMPORAL_NAMESPACE: namespace.namespace };
    const victim = await CliProcess.startWorker({
      ...inNamespace,
      TEMPORAL_ADDRESS: proxy.address,
    });

    standIns.of(graced.provider).rotation = { graceMs: LIMIT_MS };
    const hang = (reply: StandInReply): StandInReply => ({ ...reply, lost: 'hang' });
    [lostAtMs, gracedAtMs] = await Promise.all([refreshed(lost, hang), refreshed(graced, hang)]);

    standIns.of(graced.provider).answerNext((faithful) => {
      retriedAtMs = Date.now();
      return faithful();
    });

    const journal = await openJournal(
      config.journal,
      namespace.namespace,
      createSealer(config.encryption),
    );
    await refreshed(answered, (reply) => {
      proxy.hold();
      return reply;
    });
    const entry = (): Promise<JournalEntry | undefined> => journal.read(answered.id);
    await vi.waitUntil(async () => (await entry())?.answer !== undefined, WAIT);
    await victim.end('SIGKILL');
    await journal.close();
    successor = await CliProcess.startWorker({
      ...inNamespace,
      TEMPORAL_ADDRESS: namespace.address,
    });
  }, LIMIT_MS);

  afterAll(async () => {
    await successor?.end('SIGTERM');
    await proxy.close();
    await standIns.close();
    await namespace.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is completed from the journal by another worker, without a second request', async () => {
    const standIn = standIns.of(answered.provider);
    expect((await tokenAfter(answered.id, 0)).generation).toBe(1);
    expect(standIn.requests).toHaveLength(1);

    // Its material is alive. A signal that a keeper takes together with the journaled answer counts as served by it.
    const next = await tokenAfter(answered.id, 1, () =>
      keeperOf(answered.id).signal(forceRefreshSignal, forceRequest({ unusableGeneration: 1 })),
    );
    expect(next.generation).toBe(2);
    expect(standIn.refreshes).toBe(2);
    expect(new Set(standIn.spent).size).toBe(2);
  });

  it('is made again once its lost request is over, and is fresh where the provider allows that', async () => {
    const standIn = standIns.of(graced.provider);
    const answer = await tokenAfter(graced.id, 0);
    expect(answer).toMatchObject({ status: 'fresh', generation: 1 });
    expect(standIn.requests).toHaveLength(2);
    expect(retriedAtMs - gracedAtMs).toBeGreaterThanOrEqual(HTTP_DEADLINE_MS);
  });

  it('ends permanently as outcome_unknown, with the time of the lost request, where the provider refuses', async () => {
    const failure = await failureOf(lost.id);
    expect(failure.type).toBe('PermanentRefreshError');
    const details = failure.details?.[0] as FailureDetails;
    expect(details.code).toBe('outcome_unknown');
    expect(Math.abs((details.doubtSinceMs ?? 0) - lostAtMs)).toBeLessThan(HTTP_DEADLINE_MS);
    expect(failure.message).toContain(new Date(details.doubtSinceMs ?? 0).toISOString());
    const standIn = standIns.of(lost.provider);
    expect(standIn.requests).toHaveLength(2);
    expect(standIn.refreshes).toBe(1);
  });

  /** Starts a keeper with a refresh that is due, and resolves with the time at which its provider did the work. */
  async function refreshed(
    { provider, id }: { provider: string; id: string },
    deliver: (reply: StandInReply) => StandInReply,
  ): Promise<number> {
    const standIn = standIns.of(provider);
    let doneAtMs: number | undefined;
    standIn.answerNext((faithful) => {
      doneAtMs = Date.now();
      return deliver(faithful());
    });
    const text = JSON.stringify({ credentials: [standIn.credential(id)] });
    const specs = parseCredentials(text, 'stand-in', {
      providers: createProviderRegistry(builtInProviders),
      env: {},
      readSecretFile: () => undefined,
      nowMs: Date.now(),
    });
    const administration = new KeeperAdministration(namespace.client);
    for (const spec of specs) await administration.apply(spec);
    await keeperOf(id).signal(forceRefreshSignal, forceRequest({ unusableGeneration: 0 }));
    return vi.waitUntil(() => doneAtMs, WAIT);
  }

  function keeperOf(id: string): WorkflowHandle {
    return namespace.client.workflow.getHandle(keeperWorkflowId(id));
  }

  function tokenAfter(
    id: string,
    generation: number,
    ask: () => Promise<void> = async () => {},
  ): Promise<TokenAnswer> {
    return vi.waitUntil(
      async () => {
        await ask();
        const answer = await keeperOf(id)
          .query(tokenQuery)
          .catch(() => undefined);
        return answer !== undefined && answer.generation > generation && answer;
      },
      { timeout: LIMIT_MS, interval: 1_000 },
    );
  }

  async function failureOf(id: string): Promise<ApplicationFailure> {
    const error: unknown = await keeperOf(id)
      .result()
      .catch((thrown: unknown) => thrown);
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) {
      return error.cause;
    }
    throw new Error('the keeper did not fail');
  }
});
