import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import {
  ownedEntry,
  recordedLogin,
  withApplication,
  withReturnedLogin,
} from '../../src/policy/journal-record.js';
import { EARLIER_LOGINS_MAX } from '../../src/policy/keeper-numbers.js';
import { withAnswer } from '../../src/policy/recorded-answer.js';
import { NOW, result } from '../support/keeper-fixture.js';

type Owner = Parameters<typeof withReturnedLogin>[0];

/** What a keeper that was started anew says of itself. */
const STARTED: Owner = {
  credentialId: 'acme/mail',
  provider: 'oauth2',
  lineage: 'login-a',
  epoch: 1,
  application: 5_000,
  earlierLogins: [],
  settings: 'settings',
  generation: 0,
};
const ENTRY: JournalEntry = {
  credentialId: 'acme/mail',
  provider: 'oauth2',
  lineage: 'login-a',
  epoch: 4,
  application: 1_000,
  settings: 'settings',
  earlierLogins: [],
};
const setback = {
  holdUntilMs: NOW + 60_000,
  count: 1,
  askedByProvider: true,
  execution: 'execution-1',
};
const unconfirmed = { count: 3, firstAtMs: NOW };

const answerOf = (generation: number): RefreshResult =>
  result({ lineage: 'login-a', generation, replacedMaterial: { refreshToken: `f${generation}` } });

describe('the journal’s entry of a keeper that has forgotten', () => {
  it('keeps its epoch, and counts on from it at another login', () => {
    expect(ownedEntry(STARTED, ENTRY, NOW).epoch).toBe(4);
    expect(ownedEntry({ ...STARTED, lineage: 'login-b' }, ENTRY, NOW).epoch).toBe(5);
    expect(ownedEntry({ ...STARTED, epoch: 7 }, ENTRY, NOW).epoch).toBe(7);
  });

  it('keeps the newest application with its settings', () => {
    const later = { ...ENTRY, application: 9_000, settings: 'later' };
    expect(ownedEntry(STARTED, later, NOW)).toMatchObject({
      application: 9_000,
      settings: 'later',
    });
  });

  it('counts an answer to which it returns above all that the keeper has had', () => {
    const kept = answerOf(2);
    expect(withReturnedLogin(STARTED, ENTRY, kept, NOW).answer.generation).toBe(2);
    const answered = withReturnedLogin({ ...STARTED, generation: 7 }, ENTRY, kept, NOW);
    expect(answered.answer).toMatchObject({ generation: 8, epoch: 4, application: 5_000 });
  });
});

describe('the journal’s entry after an application', () => {
  it('is not written where it knows that application or a later one', () => {
    expect(withApplication(STARTED, { ...ENTRY, application: 5_000 }, NOW)).toBeUndefined();
    expect(withApplication(STARTED, { ...ENTRY, application: 5_001 }, NOW)).toBeUndefined();
    expect(withApplication(STARTED, ENTRY, NOW)).toMatchObject({ application: 5_000 });
  });

  it('keeps what was answered to its settings, and nothing that was answered to others', () => {
    const held = { ...ENTRY, setback, unconfirmed };
    expect(ownedEntry(STARTED, held, NOW)).toMatchObject({ setback, unconfirmed });
    const repaired = ownedEntry({ ...STARTED, settings: 'repaired' }, held, NOW);
    expect(repaired).not.toHaveProperty('setback');
    expect(repaired).not.toHaveProperty('unconfirmed');
  });

  it('tells the keeper of no more logins than a keeper remembers', () => {
    const earlierLogins = Array.from({ length: EARLIER_LOGINS_MAX + 2 }, (_each, index) => ({
      lineage: `login-${index}`,
      replacedAtMs: NOW - index,
    }));
    const told = recordedLogin({ ...ENTRY, earlierLogins }).earlierLogins;
    expect(told).toEqual(earlierLogins.slice(0, EARLIER_LOGINS_MAX));
  });
});

describe('an answer that comes late', () => {
  const intent = { id: 'intent-1', fingerprint: 'f5', atMs: NOW, attemptAgeMs: 0 };

  it('ends the count of unconfirmed answers, and leaves a later request open', () => {
    const held = { ...ENTRY, intent, unconfirmed };
    expect(withAnswer(held, ENTRY, answerOf(5), { id: 'intent-0' })).toEqual({
      ...ENTRY,
      intent,
      answer: answerOf(5),
    });
  });

  it('closes its request and takes nothing else away where a newer answer is known', () => {
    const held = { ...ENTRY, answer: answerOf(6), setback };
    const after = withAnswer({ ...held, intent }, ENTRY, answerOf(5), intent);
    expect(after).toEqual(held);
  });
});
