import type { JournalEntry, Successor } from '../contract/journal-entry.js';
import { sortedJson } from '../contract/sorted-json.js';
import { recordOf } from './lineage.js';

/** The material that an answer without a token left to that login, if it is newer than the known answers. */
export function successorIn(
  entry: Pick<JournalEntry, 'lineage' | 'successor' | 'earlierLogins'> | undefined,
  lineage: string,
): Successor | undefined {
  return recordOf(entry, lineage)?.successor;
}

/**
 * The entry with material that an earlier attempt brought after another one had begun; `undefined` if newer material is
 * known than what the earlier one spent.
 */
export function withLateSuccessor(
  held: JournalEntry | undefined,
  owned: JournalEntry,
  successor: Successor | undefined,
): JournalEntry | undefined {
  if (held === undefined || successor === undefined) return undefined;
  const isOfThese = (login: Pick<JournalEntry, 'lineage' | 'answer' | 'successor'>): boolean =>
    login.lineage === owned.lineage &&
    login.answer?.generation === owned.answer?.generation &&
    isSame(login.successor, owned.successor);
  if (isOfThese(held)) return { ...held, successor };
  const login = held.earlierLogins.find(isOfThese);
  if (login === undefined) return undefined;
  const earlier = held.earlierLogins.map((one) => (one === login ? { ...one, successor } : one));
  return { ...held, earlierLogins: earlier };
}

function isSame(left: Successor | undefined, right: Successor | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return sortedJson(left.replacedMaterial) === sortedJson(right.replacedMaterial);
}
