import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import { type AttemptFacts, decideAttempt } from '../../src/policy/attempt-decision.js';
import { ownedEntry, withFoundIntent } from '../../src/policy/journal-record.js';
import { EARLIER_LOGINS_MAX } from '../../src/policy/keeper-numbers.js';
import { withAnswer } from '../../src/policy/recorded-answer.js';
import { NOW, token } from '../support/keeper-fixture.js';

type Owner = Parameters<typeof ownedEntry>[0];

const owner = (login: number): Owner => ({
  credentialId: 'acme/mail',
  provider: 'oauth2',
  lineage: `login-${login}`,
  epoch: login,
  application: 1_000 + login,
  earlierLogins: [],
  settings: 'settings',
});
const answerOf = (entry: JournalEntry, generation: number, issuedAtMs = NOW): RefreshResult => ({
  credentialId: 'acme/mail',
  lineage: entry.lineage,
  epoch: entry.epoch,
  earlierLogins: [],
  generation,
  token: { ...token(), issuedAtMs },
  application: 1,
  waitedMs: 0,
  refreshLeadMs: 180_000,
  replacedMaterial: { refreshToken: `rotated-${entry.lineage}` },
  journalId: 'journal-1',
});
/** An operator returns to that login, with its file. */
const returning = (login: number, entry: JournalEntry | undefined): AttemptFacts => ({
  request: {
    provider: 'oauth2',
    lineage: `login-${login}`,
    application: 9_999,
    returns: true,
    journalId: 'journal-1',
    generation: 0,
    reason: 'due',
  },
  journalId: 'journal-1',
  execution: 'execution-1',
  entry,
  fingerprint: `login-${login}`,
  spendsSuccessor: false,
  settings: 'settings',
  leftBy: ({ replacedMaterial }) => replacedMaterial['refreshToken'],
  rotates: true,
  spendsToken: false,
  sentWithJournal: undefined,
  scheduledAtMs: NOW,
});
const INTENT = { id: 'intent-1', fingerprint: 'login-1', atMs: NOW - 12_000, attemptAgeMs: 10 };

/** Logins from 1 to that number, one after the other; each but those that are named was refreshed. */
function entryAfter(logins: number, ...unused: readonly number[]): JournalEntry {
  let entry: JournalEntry | undefined;
  for (let login = 1; login <= logins; login += 1) {
    const owned: JournalEntry = ownedEntry(owner(login), entry, NOW + login);
    const answer = answerOf(owned, login);
    entry = unused.includes(login) ? owned : withAnswer(owned, owned, answer, { id: 'intent' });
  }
  if (entry === undefined) throw new Error('no login');
  return entry;
}

describe('a return to a login before the present one', () => {
  const logins = EARLIER_LOGINS_MAX + 3;

  it('finds its newest answer where that is kept', () => {
    const entry = entryAfter(logins);
    expect(decideAttempt(returning(3, entry), NOW).do).toBe('return-to-login');
  });

  it('spends no token that is spent where the answer is too old to be kept', () => {
    const entry = entryAfter(logins);
    expect(decideAttempt(returning(2, entry), NOW)).toEqual({
      do: 'refuse-forgotten-login',
      replacedAtMs: NOW + 3,
      application: 1_000 + logins,
    });
    expect(JSON.stringify(entry)).not.toContain('rotated-login-2"');
  });

  it('sends where that login was never refreshed, its material has come since it was applied, or nothing rotates', () => {
    const entry = entryAfter(logins, 2);
    expect(decideAttempt(returning(2, entry), NOW)).toEqual({ do: 'send' });
    const newer = { ...returning(1, entry), fingerprint: 'rotated-login-1' };
    expect(decideAttempt(newer, NOW).do).toBe('send');
    const still = { ...returning(1, entry), rotates: false };
    expect(decideAttempt(still, NOW)).toEqual({ do: 'send' });
  });
});

describe('a request that was open when another login took the place of its own', () => {
  const open: JournalEntry = { ...ownedEntry(owner(1), undefined, NOW), intent: INTENT };
  const replaced = ownedEntry(owner(2), open, NOW - 3_000);

  it('is waited out once that login is returned to, and then in doubt', () => {
    const facts = returning(1, replaced);
    expect(decideAttempt(facts, NOW)).toEqual({
      do: 'await-answer',
      untilMs: NOW + 10 + 25_000,
      found: INTENT,
    });
    const found = withFoundIntent(INTENT, replaced, NOW + 25_010);
    expect(withFoundIntent({ ...INTENT, overAtMs: NOW }, replaced, NOW + 1)).toBeUndefined();
    const later = { ...facts, entry: found, scheduledAtMs: NOW + 25_010 };
    expect(decideAttempt(later, NOW + 25_009).do).toBe('await-answer');
    const over = { do: 'send', doubtSinceMs: INTENT.atMs };
    expect(decideAttempt(later, NOW + 25_010)).toEqual(over);
  });

  it('is still known once its login is the present one again', () => {
    const again = ownedEntry({ ...owner(1), application: 9_999, returns: true }, replaced, NOW);
    expect(again).toMatchObject({ lineage: 'login-1', intent: INTENT });
  });

  it('is over once its answer comes', () => {
    const answer = answerOf(open, 1);
    expect(withAnswer(replaced, open, answer, INTENT)?.earlierLogins).toEqual([
      { lineage: 'login-1', replacedAtMs: NOW - 3_000, answer },
    ]);
  });
});

describe('of two answers of one generation', () => {
  it('the one stays whose request went out later, whichever comes first', () => {
    const owned = ownedEntry(owner(1), undefined, NOW);
    const [early, late] = [answerOf(owned, 1, NOW), answerOf(owned, 1, NOW + 1)];
    for (const [first, second] of [
      [early, late],
      [late, early],
    ] as const) {
      const held = withAnswer(undefined, owned, first, { id: 'a' });
      const entry = withAnswer(held, owned, second, { id: 'b' }) ?? held;
      expect(entry?.answer).toEqual(late);
    }
  });
});
