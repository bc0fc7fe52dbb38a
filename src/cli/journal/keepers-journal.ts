import type { Client } from '@temporalio/client';
import { createSealer } from '../../encryption/sealer.js';
import { openExistingJournal } from '../../journal/open-existing-journal.js';
import type { RefreshJournal } from '../../journal/port.js';
import type { PublishedKeeper } from '../../keepers/key-fit.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { publishedAnswerIn } from '../../keepers/published-memo.js';
import { CommandError } from '../errors.js';
import type { CliSession } from '../session.js';

const HERE =
  'run this where EVERTOKEN_JOURNAL_DIR or EVERTOKEN_JOURNAL_URL names the journal of the workers';

/** Ids of the journals that keepers use. A keeper that cannot be read here adds none. */
export async function journalsOf(
  client: Client,
  keepers: readonly PublishedKeeper[],
): Promise<ReadonlySet<string>> {
  const known = await mapConcurrently(keepers, async ({ id, memo }) => {
    const answer = await publishedAnswerIn(client, id, memo).catch(() => undefined);
    return answer?.journalId;
  });
  return new Set(known.filter((journalId) => journalId !== undefined));
}

/**
 * Does work with the journal that keepers use. Work on another journal would have no effect on them.
 * @throws CommandError if there is no journal here, or another one than `known`
 */
export async function withKeepersJournal<Result>(
  { config, target }: Pick<CliSession, 'config' | 'target'>,
  known: ReadonlySet<string>,
  work: (journal: RefreshJournal) => Promise<Result>,
): Promise<Result> {
  const journal = await openExistingJournal(
    config.journal,
    target.namespace,
    createSealer(config.encryption),
  );
  if (journal === undefined) throw new CommandError(`there is no refresh journal here; ${HERE}`);
  try {
    if (known.size > 0 && !known.has(journal.id)) {
      const others = [...known].sort().join(', ');
      throw new CommandError(
        `the refresh journal here is another one than the keepers use [here=${journal.id}, theirs=${others}]; ${HERE}`,
      );
    }
    return await work(journal);
  } finally {
    await journal.close();
  }
}
