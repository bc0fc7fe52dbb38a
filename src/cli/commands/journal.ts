import { Command } from 'commander';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { listKeeperRuns } from '../../keepers/runs.js';
import { idArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { errorText } from '../error-text.js';
import { CommandError, ReportedFailure, UsageError } from '../errors.js';
import { EXIT_CODES } from '../exit-codes.js';
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
  await withOwnerSession(await commandEnvironment(), async (session) => {
    if (id === undefined) return moveAll(session, options);
    if (await moveOne(session, id, options)) return;
    throw new CommandError('the credential does not use that journal');
  });
}

/** If one keeper cannot be moved, the others are moved all the same. */
async function moveAll(session: CliSession, options: MoveOptions): Promise<void> {
  const ids = await runningIds(session);
  const moves = await mapConcurrently(ids, async (id) => {
    try {
      return (await moveOne(session, id, options)) ? 'moved' : 'left';
    } catch (error) {
      report(`${id}: not moved; ${errorText(error, process.env) ?? 'error: unexpected'}`);
      return 'failed';
    }
  });
  const count = (wanted: string): number => moves.filter((one) => one === wanted).length;
  report(`${count('moved')} of ${ids.length} running keepers moved`);
  if (count('failed') === 0) return;
  report(`${count('failed')} could not be asked or moved; run it again for them`);
  throw new ReportedFailure(EXIT_CODES.failed);
}

/** Moves a keeper; false if it was left alone, as is one that uses another journal than the lost one. */
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
