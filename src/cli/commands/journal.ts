import { Command } from 'commander';
import { isUnavailable } from '../../client/token-error.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { listKeeperRuns } from '../../keepers/runs.js';
import { serverReason } from '../../keepers/temporal-error.js';
import { unservedReason } from '../../keepers/unanswered.js';
import { Patience } from '../apply/patience.js';
import { idArgument, journalArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { errorReason } from '../error-text.js';
import { CommandError, ReportedFailure, UsageError } from '../errors.js';
import { EXIT_CODES } from '../exit-codes.js';
import { CLI_CALL_DEADLINE_MS } from '../numbers.js';
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
    .requiredOption(
      '--to <journal>',
      'id of the journal that the workers have now',
      journalArgument,
    )
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
    const { outcome, journalId } = await moveOne(session, id, options);
    if (outcome === 'there') print(`${id}: uses journal ${to} already`);
    if (outcome !== 'left') return;
    throw new CommandError(`${id} does not use journal ${from ?? to}${usedText([journalId])}`);
  });
}

/**
 * If one keeper cannot be moved, the others are moved all the same. Where none can, as without a worker, the rest is not
 * asked: that would take an hour for thousands.
 * @throws CommandError if no keeper uses either journal: then one of their ids is a mistake
 */
async function moveAll(session: CliSession, options: MoveOptions): Promise<void> {
  const ids = await runningIds(session);
  // A killed worker counts as present for a minute.
  const patience = new Patience();
  let unserved: string | undefined;
  const moves = await mapConcurrently(ids, async (id): Promise<Moved> => {
    if (unserved !== undefined) return { outcome: 'unasked' };
    try {
      const moved = await moveOne(session, id, options);
      patience.renew();
      return moved;
    } catch (error) {
      report(`${id}: not moved; ${errorReason(error, process.env)}`);
      if (isUnavailable(error)) {
        unserved ??= patience.isOver() ? NOBODY_FOR_LONG : await whyNobodyAnswers(session);
      }
      return { outcome: 'failed' };
    }
  });
  const count = (wanted: Moved['outcome']): number =>
    moves.filter(({ outcome }) => outcome === wanted).length;
  const there = count('there') === 0 ? '' : `; ${count('there')} use ${options.to} already`;
  report(`${count('moved')} of ${ids.length} running keepers moved${there}`);
  if (unserved !== undefined) {
    report(`${count('unasked')} were not asked: ${unserved}; then run it again`);
    throw new ReportedFailure(EXIT_CODES.unavailable);
  }
  if (count('left') === ids.length) {
    const used = usedText(moves.map(({ journalId }) => journalId));
    throw new CommandError(`no running keeper uses journal ${options.from ?? ''}${used}`);
  }
  if (count('failed') === 0) return;
  report(`${count('failed')} could not be asked or moved; run it again for them`);
  throw new ReportedFailure(EXIT_CODES.failed);
}

const NOBODY_FOR_LONG = 'no keeper answered for a minute';

/** What became of a keeper, and the journal that it uses now, if it is known. */
interface Moved {
  readonly outcome: 'moved' | 'there' | 'left' | 'failed' | 'unasked';
  readonly journalId?: string | undefined;
}

/** Moves a keeper, unless it is there already. One that uses another journal than the lost one is left alone. */
async function moveOne(
  { tokens, keepers }: CliSession,
  id: string,
  { from, to }: MoveOptions,
): Promise<Moved> {
  const { journalId } = await tokens.status(id);
  if (journalId === to) return { outcome: 'there', journalId };
  if (from !== undefined && from !== journalId) return { outcome: 'left', journalId };
  const known = journalId === undefined ? {} : { from: journalId };
  const now = await keepers.moveJournal(id, { ...known, to });
  print(`${id}: uses journal ${now}`);
  return { outcome: now === to ? 'moved' : 'left', journalId: now };
}

/** What is so if no keeper could be moved now. */
function whyNobodyAnswers({ client }: CliSession): Promise<string | undefined> {
  return client
    .withDeadline(Date.now() + CLI_CALL_DEADLINE_MS, () => unservedReason(client))
    .catch((error: unknown) => serverReason(error));
}

/** Which journals keepers use instead; none before their first refresh. */
function usedText(journalIds: readonly (string | undefined)[]): string {
  const used = [...new Set(journalIds)].filter((id) => id !== undefined).sort();
  return used.length === 0 ? '' : ` [uses=${used.join(', ')}]`;
}

async function runningIds({ client }: CliSession): Promise<readonly string[]> {
  return (await listKeeperRuns(client)).filter(isRunning).map(({ id }) => id);
}
