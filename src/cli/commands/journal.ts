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
    const { from, to } = options;
    const outcome = await moveOne(session, id, options);
    if (outcome === 'there') print(`${id}: uses journal ${to} already`);
    if (outcome !== 'left') return;
    throw new CommandError(`${id} does not use journal ${from ?? to}`);
  });
}

/**
 * If one keeper cannot be moved, the others are moved all the same.
 * @throws CommandError if no keeper uses either journal: then one of their ids is a mistake
 */
async function moveAll(session: CliSession, options: MoveOptions): Promise<void> {
  const ids = await runningIds(session);
  const moves = await mapConcurrently(ids, async (id) => {
    try {
      return await moveOne(session, id, options);
    } catch (error) {
      report(`${id}: not moved; ${errorText(error, process.env) ?? 'error: unexpected'}`);
      return 'failed';
    }
  });
  const count = (wanted: string): number => moves.filter((one) => one === wanted).length;
  const there = count('there') === 0 ? '' : `; ${count('there')} use ${options.to} already`;
  report(`${count('moved')} of ${ids.length} running keepers moved${there}`);
  if (count('left') === ids.length) {
    throw new CommandError(`no running keeper uses journal ${options.from ?? ''}`);
  }
  if (count('failed') === 0) return;
  report(`${count('failed')} could not be asked or moved; run it again for them`);
  throw new ReportedFailure(EXIT_CODES.failed);
}

/** Moves a keeper, unless it is there already. One that uses another journal than the lost one is left alone. */
async function moveOne(
  { tokens, keepers }: CliSession,
  id: string,
  { from, to }: MoveOptions,
): Promise<'moved' | 'there' | 'left'> {
  const { journalId } = await tokens.status(id);
  if (journalId === to) return 'there';
  if (from !== undefined && from !== journalId) return 'left';
  const known = journalId === undefined ? {} : { from: journalId };
  const now = await keepers.moveJournal(id, { ...known, to });
  print(`${id}: uses journal ${now}`);
  return now === to ? 'moved' : 'left';
}

async function runningIds({ client }: CliSession): Promise<readonly string[]> {
  return (await listKeeperRuns(client)).filter(isRunning).map(({ id }) => id);
}
