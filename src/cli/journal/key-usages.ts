import { defined } from '../../contract/defined.js';
import type { RefreshJournal } from '../../journal/port.js';
import { entryName } from '../../journal/sealed-entry.js';
import { mapConcurrently } from '../../keepers/map-concurrently.js';
import { payloadKeys } from '../../keepers/payload-keys.js';
import { listKeeperRuns } from '../../keepers/runs.js';
import { IDS_IN_A_SENTENCE } from '../numbers.js';
import type { CliSession } from '../session.js';
import { journalsOf, withKeepersJournal } from './keepers-journal.js';

/** What still needs a key. */
export interface KeyUsage {
  /** Absent for the journal entries that name no key: they are plain text, or damaged. */
  readonly keyId?: string;
  /** Whether this process has it. */
  readonly isInRing: boolean;
  /** Credentials of which Temporal holds something that the key sealed. */
  readonly keepers: readonly string[];
  /** Journal entries that the key sealed, by credential if a keeper tells it, or else by the name of the entry. */
  readonly journalEntries: readonly string[];
  /** Journals that other keepers use. The key may be needed there, too. */
  readonly otherJournals: readonly string[];
}

/**
 * What still needs each key of the ring, and each other key that is found.
 * @throws CommandError if the journal here is not that of the keepers
 */
export async function keyUsages(session: CliSession): Promise<readonly KeyUsage[]> {
  const runs = await listKeeperRuns(session.client);
  const ids = runs.map(({ id }) => id);
  const journals = await journalsOf(session.client, runs);
  const { entries, otherJournals } = await withKeepersJournal(
    session,
    journals,
    async (journal) => ({
      entries: await journalEntriesByKey(session, ids, journal),
      otherJournals: [...journals].filter((journalId) => journalId !== journal.id).sort(),
    }),
  );
  const keepers = new Map<string | undefined, string[]>();
  await mapConcurrently(ids, async (id) => {
    for (const keyId of await payloadKeys(session.client, id)) add(keepers, keyId, id);
  });
  const ring = session.config.encryption.keyRing?.keyIds ?? [];
  const found = [...new Set([...ring, ...keepers.keys(), ...entries.keys()])];
  return found.map((keyId) => ({
    ...defined({ keyId }),
    isInRing: keyId !== undefined && ring.includes(keyId),
    keepers: (keepers.get(keyId) ?? []).sort(),
    journalEntries: (entries.get(keyId) ?? []).sort(),
    otherJournals,
  }));
}

async function journalEntriesByKey(
  { target: { namespace } }: CliSession,
  ids: readonly string[],
  journal: RefreshJournal,
): Promise<ReadonlyMap<string | undefined, string[]>> {
  const names = new Map(ids.map((id) => [entryName({ namespace, credentialId: id }), id]));
  const byKey = new Map<string | undefined, string[]>();
  for (const { name, keyId } of await journal.sealedEntries()) {
    add(byKey, keyId, names.get(name) ?? name);
  }
  return byKey;
}

/** One line for people, about one key. */
export function usageLine(usage: KeyUsage): string {
  const { keyId, isInRing, keepers, journalEntries, otherJournals } = usage;
  const parts = [...named('keepers', keepers), ...named('journal entries', journalEntries)];
  if (keyId === undefined) return `no key (plain text or damaged): ${parts.join(', ')}`;
  if (parts.length === 0) {
    return otherJournals.length === 0
      ? `${keyId}: not needed any more`
      : `${keyId}: not needed here; keepers use other journals, too, so look there [journals=${otherJournals.join(', ')}]`;
  }
  const missing = isInRing ? '' : '; it is not in EVERTOKEN_ENCRYPTION_KEYS';
  return `${keyId}: needed by ${parts.join(', ')}${missing}`;
}

function named(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, IDS_IN_A_SENTENCE).join(' ');
  const more = names.length > IDS_IN_A_SENTENCE ? ' …' : '';
  return [`${names.length} ${what} (${shown}${more})`];
}

function add<Key>(map: Map<Key, string[]>, key: Key, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
