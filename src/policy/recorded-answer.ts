import { defined } from '../contract/defined.js';
import type { Doubt, Intent, JournalEntry, KeptLogin } from '../contract/journal-entry.js';
import type { RefreshResult } from '../contract/refresh-activity.js';
import { withKeptLogin } from './kept-login.js';
import { loginOf } from './lineage.js';

/** What is known of the material of one login. */
type LoginRecord = Pick<JournalEntry, 'answer' | 'intent'>;

/**
 * The entry after a token that came of an intent. Where that intent is the newest, nothing of the
 * past of its login matters any more. Where it is not, the answer is late: it neither takes the
 * place of one that was sent for later, nor what a later request left. A doubt that it brings is of
 * what the next refresh spends. Where a later login has taken its place, the answer is kept with
 * its own. `undefined` where it says nothing new.
 */
export function withAnswer(
  held: JournalEntry | undefined,
  owned: JournalEntry,
  answer: RefreshResult,
  intent: Pick<Intent, 'id'>,
  doubt?: Doubt,
): JournalEntry | undefined {
  if (held === undefined) return settled(owned, answer, doubt);
  if (held.lineage !== answer.lineage) return withAnswerOfEarlierLogin(held, answer, intent, doubt);
  const isNewest = isNewer(answer, held.answer);
  if (held.intent?.id === intent.id) {
    return isNewest ? settled(held, answer, doubt) : withoutIntentOf(held);
  }
  if (!isNewest) return undefined;
  const { unconfirmed: _ofBefore, ...kept } = held;
  return { ...kept, answer };
}

/** Whether an answer is of a later generation, or of the same one and was sent for later. */
export function isNewer(answer: RefreshResult, known: RefreshResult | undefined): boolean {
  if (known === undefined || answer.generation > known.generation) return true;
  return (
    answer.generation === known.generation && answer.token.issuedAtMs >= known.token.issuedAtMs
  );
}

function settled(
  entry: JournalEntry,
  answer: RefreshResult,
  doubt: Doubt | undefined,
): JournalEntry {
  const { intent: _over, doubt: _doubt, setback: _setback, unconfirmed: _count, ...more } = entry;
  const { successor: _replaced, ...kept } = more;
  return { ...kept, answer, ...defined({ doubt }) };
}

function withAnswerOfEarlierLogin(
  held: JournalEntry,
  answer: RefreshResult,
  intent: Pick<Intent, 'id'>,
  doubt: Doubt | undefined,
): JournalEntry | undefined {
  const { lineage, token } = answer;
  const login: KeptLogin = loginOf(held.earlierLogins, lineage) ?? {
    lineage,
    replacedAtMs: token.issuedAtMs,
  };
  const { replacedAtMs } = login;
  const isNewest = isNewer(answer, login.answer);
  if (login.intent?.id === intent.id) {
    return withKeptLogin(
      held,
      isNewest ? { lineage, replacedAtMs, answer, ...defined({ doubt }) } : withoutIntentOf(login),
    );
  }
  return isNewest ? withKeptLogin(held, { ...login, answer }) : undefined;
}

function withoutIntentOf<Record extends LoginRecord>({
  intent: _over,
  ...kept
}: Record): Omit<Record, 'intent'> {
  return kept;
}
