import type { JournalEntry, Successor } from '../contract/journal-entry.js';
import { loginOf } from './lineage.js';

/** The material that an answer without a token left to that login, if it is newer than the known answers. */
export function successorIn(
  entry: Pick<JournalEntry, 'lineage' | 'successor' | 'earlierLogins'> | undefined,
  lineage: string,
): Successor | undefined {
  if (entry === undefined) return undefined;
  return (entry.lineage === lineage ? entry : loginOf(entry.earlierLogins, lineage))?.successor;
}

/**
 * The entry with material that an earlier attempt brought after another one had begun; `undefined` if newer material is
 * known.
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
    (login.successor === undefined || owned.successor !== undefined);
  if (isOfThese(held)) return { ...held, successor };
  const login = held.earlierLogins.find(isOfThese);
  if (login === undefined) return undefined;
  const earlier = held.earlierLogins.map((one) => (one === login ? { ...one, successor } : one));
  return { ...held, earlierLogins: earlier };
}
