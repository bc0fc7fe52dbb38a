import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenClient } from '../../src/client/token-client.js';
import { createSealer } from '../../src/encryption/sealer.js';
import { openJournal } from '../../src/journal/open-journal.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { loadConfig } from '../../src/settings/config.js';
import type { StandIn } from '../../src/stand-ins/stand-in.js';
import type { CommandResult } from '../support/command-runs.js';
import { EvertokenCommand } from '../support/evertoken-command.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';

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

  async function keep(id: string): Promise<void> {
    await new KeeperAdministration(stack.client).apply(stack.spec('abitmedia', id));
    await tokens.refresh(id, { afterGeneration: 0 });
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

  async function journalIdIn(folder: string): Promise<string> {
    const config = loadConfig({ ...stack.env, EVERTOKEN_JOURNAL_DIR: folder });
    const journal = await openJournal(
      config.journal,
      stack.namespace.namespace,
      createSealer(config.encryption),
    );
    await journal.close();
    return journal.id;
  }
});
