import { Command } from 'commander';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { listKeeperRuns } from '../../keepers/runs.js';
import { idArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { CommandError, UsageError } from '../errors.js';
import { print, report } from '../output.js';
import { isRunning } from '../scoped-file.js';
import { withOwnerSession } from '../session.js';
import type { CliSession } from '../session.js';

interface MoveOptions {
  readonly to: string;
  readonly from?: string;
  readonly all?: true;
}

/** `evertoken journal`: what has to do with refresh journals. */
export function journalCommand(): Command {
  const journal = new Command('journal').description('refresh journals');
  journal
    .command('move')
    .description('let credentials use another journal, after theirs was lost or moved')
    .argument('[id]', 'credential id', idArgument)
    .requiredOption('--to <journal>', 'id of the journal that the workers have now')
    .option('--all', 'every running keeper that uses the journal of --from')
    .option('--from <journal>', 'id of the journal that is gone')
    .action(move);
  return journal;
}

async function move(id: string | undefined, options: MoveOptions): Promise<void> {
  if ((id === undefined) === (options.all === undefined)) {
    throw new UsageError('name one credential, or all with --all --from JOURNAL');
  }
  if (options.all !== undefined && options.from === undefined) {
    throw new UsageError('--all needs --from JOURNAL');
  }
  await withOwnerSession(commandEnvironment(), async (session) => {
    const ids = id === undefined ? await runningIds(session) : [id];
    const moved = await mapConcurrently(ids, (each) => moveOne(session, each, options));
    const count = moved.filter(Boolean).length;
    if (id === undefined) report(`${count} of ${ids.length} running keepers moved`);
    else if (count === 0) throw new CommandError('the credential does not use that journal');
  });
}

/** Whether the keeper was moved: one that uses another journal than the lost one is left alone. */
async function moveOne(
  { tokens, keepers }: CliSession,
  id: string,
  { from, to }: MoveOptions,
): Promise<boolean> {
  const { journalId } = await tokens.status(id);
  if (journalId === to) return false;
  if (from !== undefined && from !== journalId) return false;
  const known = journalId === undefined ? {} : { from: journalId };
  const now = await keepers.moveJournal(id, { ...known, to });
  print(`${id}: uses journal ${now}`);
  return now === to;
}

async function runningIds({ client }: CliSession): Promise<readonly string[]> {
  return (await listKeeperRuns(client)).filter(isRunning).map(({ id }) => id);
}
