import type { JournalEntry, Successor } from '../contract/journal-entry.js';
import { loginOf } from './lineage.js';

/** What an answer without a token left of that login's material, if it is newer than the answers that are known. */
export function successorIn(
  entry: Pick<JournalEntry, 'lineage' | 'successor' | 'earlierLogins'> | undefined,
  lineage: string,
): Successor | undefined {
  if (entry === undefined) return undefined;
  return (entry.lineage === lineage ? entry : loginOf(entry.earlierLogins, lineage))?.successor;
}

/** The entry once material came that an attempt had brought before another one began; `undefined` where newer is known. */
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
