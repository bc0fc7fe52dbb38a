import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenClient } from '../../src/client/token-client.js';
import type { CredentialSpec } from '../../src/contract/credential.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { createSealer } from '../../src/encryption/sealer.js';
import { openJournal } from '../../src/journal/open-journal.js';
import type { RefreshJournal } from '../../src/journal/port.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { loadConfig } from '../../src/settings/config.js';
import type { StandIn } from '../../src/stand-ins/stand-in.js';
import type { CommandResult } from '../support/command-runs.js';
import { EvertokenCommand } from '../support/evertoken-command.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';

/** Far below the life of a token, so that no refresh is due meanwhile. */
const LEAD_MS = 60_000;
const WITHIN = { timeout: 60_000, interval: 100 };

describe('a journal in SQLite', () => {
  let stack: FullStack;
  let command: EvertokenCommand;
  let standIn: StandIn;
  let tokens: TokenClient;

  beforeAll(async () => {
    [stack, command] = await Promise.all([
      FullStack.open({ openNamespace: openTestNamespace }),
      EvertokenCommand.open(),
    ]);
    standIn = stack.standIns.of('abitmedia');
    standIn.rotation = 'strict';
    tokens = new TokenClient(new TemporalKeepers(stack.client));
  });
  afterAll(async () => {
    await stack.close();
    await command.remove();
  });

  function evertoken(...args: string[]): Promise<CommandResult> {
    const { address, namespace } = stack.namespace;
    const server = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    return command.run(args, { ...stack.env, ...server });
  }

  async function keep(id: string): Promise<CredentialSpec> {
    const spec = stack.spec('abitmedia', id);
    await new KeeperAdministration(stack.client).apply(spec);
    await tokens.refresh(id, { afterGeneration: 0 });
    return spec;
  }

  /** Material that was presented more than once. */
  function reused(): readonly string[] {
    const presented = standIn.requests.map(({ body }) => body);
    return presented.filter((body, index) => presented.indexOf(body) < index);
  }

  it('that an older one was restored for costs nothing: the keeper knows the newest material', async () => {
    await keep('journal/older');
    const journal = join(stack.folder, 'journal');
    await cp(journal, `${journal}.backup`, { recursive: true });
    await tokens.refresh('journal/older', { afterGeneration: 1 });
    await stack.stopWorkers();
    await rm(journal, { recursive: true });
    await cp(`${journal}.backup`, journal, { recursive: true });
    await stack.startWorkers();

    const next = await tokens.refresh('journal/older', { afterGeneration: 2 });
    expect(next.generation).toBe(3);
    expect(reused()).toEqual([]);
  });

  it('that is lost is replaced by a command, until which nothing is sent', async () => {
    await keep('journal/lost');
    const lostId = await journalIdIn(join(stack.folder, 'journal'));
    await stack.stopWorkers();
    const fresh = join(stack.folder, 'fresh-journal');
    await stack.startWorkers({ env: { EVERTOKEN_JOURNAL_DIR: fresh } });
    const sent = standIn.requests.length;
    await evertoken('refresh', 'journal/lost', '--no-wait');
    const status = async (): Promise<string> => (await evertoken('status', 'journal/lost')).stdout;
    await expect.poll(status, WITHIN).toContain('other_journal');
    const freshId = await journalIdIn(fresh);
    expect(await status()).toContain(`evertoken journal move journal/lost --to ${freshId}`);
    expect(standIn.requests).toHaveLength(sent);

    const moved = await evertoken('journal', 'move', '--all', '--from', lostId, '--to', freshId);
    expect([moved.exitCode, moved.stdout.trim().split('\n').sort()]).toEqual([
      0,
      [`journal/lost: uses journal ${freshId}`, `journal/older: uses journal ${freshId}`],
    ]);
    await expect
      .poll(async () => (await tokens.status('journal/lost')).generation, WITHIN)
      .toBeGreaterThan(1);
    expect(reused()).toEqual([]);
  });

  it('that is lost while an application waits to be told to it is replaced at once, and is told', async () => {
    const id = 'journal/applied';
    const spec = await keep(id);
    const { journalId: lostId = '' } = await tokens.status(id);
    await stack.stopWorkers();
    const another = join(stack.folder, 'another-journal');
    await stack.startWorkers({ env: { EVERTOKEN_JOURNAL_DIR: another } });
    const sent = standIn.requests.length;
    const timing = { ...spec.timing, leadMs: LEAD_MS };
    const applied = await new KeeperAdministration(stack.client).apply({ ...spec, timing });
    expect(applied).toEqual({ outcome: 'updated' });
    const handle = stack.client.workflow.getHandle(keeperWorkflowId(id));
    await expect
      .poll(async () => (await handle.describe()).raw.pendingActivities?.[0]?.attempt, WITHIN)
      .toBeGreaterThan(1);

    const anotherId = await journalIdIn(another);
    await evertoken('journal', 'move', '--all', '--from', lostId, '--to', anotherId);
    await expect.poll(async () => (await tokens.status(id)).journalId, WITHIN).toBe(anotherId);
    await expect
      .poll(async () => (await handle.describe()).raw.pendingActivities?.length, WITHIN)
      .toBe(0);
    expect(standIn.requests).toHaveLength(sent);
    const told = await openJournalIn(another);
    expect(await told.read(id)).toMatchObject({ application: expect.any(Number) as unknown });
    await told.close();
  });

  async function journalIdIn(folder: string): Promise<string> {
    const journal = await openJournalIn(folder);
    await journal.close();
    return journal.id;
  }

  function openJournalIn(folder: string): Promise<RefreshJournal> {
    const { journal, encryption } = loadConfig({ ...stack.env, EVERTOKEN_JOURNAL_DIR: folder });
    return openJournal(journal, stack.namespace.namespace, createSealer(encryption));
  }
});
