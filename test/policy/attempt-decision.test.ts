import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import { type AttemptFacts, decideAttempt } from '../../src/policy/attempt-decision.js';
import { NOW, token } from '../support/keeper-fixture.js';

const request: AttemptFacts['request'] = {
  provider: 'oauth2',
  lineage: 'login-a',
  application: 1_000,
  journalId: 'journal-1',
  generation: 5,
  reason: 'due',
};
const answer = (generation: number, lineage = 'login-a'): RefreshResult => ({
  credentialId: 'acme/mail',
  lineage,
  epoch: 1,
  earlierLogins: [],
  generation,
  token: token(),
  application: 1,
  waitedMs: 0,
  refreshLeadMs: 180_000,
  replacedMaterial: {},
  journalId: 'journal-1',
});
const entry = (overrides: Partial<JournalEntry> = {}): JournalEntry => ({
  credentialId: 'acme/mail',
  provider: 'oauth2',
  lineage: 'login-a',
  epoch: 1,
  application: 1_000,
  settings: 'settings',
  earlierLogins: [],
  ...overrides,
});
const facts = (overrides: Partial<AttemptFacts> = {}): AttemptFacts => ({
  request,
  journalId: 'journal-1',
  execution: 'execution-2',
  entry: undefined,
  fingerprint: 'f5',
  spendsSuccessor: false,
  settings: 'settings',
  leftBy: ({ replacedMaterial }) => replacedMaterial['refreshToken'],
  rotates: true,
  spendsToken: false,
  sentWithJournal: undefined,
  scheduledAtMs: NOW,
  ...overrides,
});
/** Recorded by an attempt that was 100 ms old. */
const intent = { id: 'intent-1', fingerprint: 'f5', atMs: NOW - 9_000, attemptAgeMs: 100 };

describe('an attempt that looks into the journal first', () => {
  it('sends when nothing is recorded', () => {
    expect(decideAttempt(facts({ fingerprint: 'login-a' }), NOW)).toEqual({ do: 'send' });
  });

  it('returns a recorded answer without a request', () => {
    const decision = decideAttempt(facts({ entry: entry({ answer: answer(6) }) }), NOW);
    expect(decision).toEqual({ do: 'return', result: answer(6) });
  });

  it('returns the newest answer after an operator’s reset to an older event', () => {
    const reset = { ...request, generation: 2 };
    const recorded = entry({ answer: answer(9) });
    const decision = decideAttempt(
      facts({ request: reset, fingerprint: 'f2', entry: recorded }),
      NOW,
    );
    expect(decision).toEqual({ do: 'return', result: answer(9) });
  });

  it('does not return the answer that made the current generation', () => {
    expect(decideAttempt(facts({ entry: entry({ answer: answer(5) }) }), NOW)).toEqual({
      do: 'send',
    });
  });

  it('takes a refusal for no proof when the journal knows nothing of refreshes that were made', () => {
    expect(decideAttempt(facts(), NOW)).toEqual({ do: 'send', doubtSinceMs: NOW });
  });

  it('takes a refusal for no proof when an older journal was restored: it may have forgotten a request', () => {
    const spent = { ...answer(3), replacedMaterial: { refreshToken: 'f4' } };
    const older = facts({ entry: entry({ answer: spent }) });
    expect(decideAttempt(older, NOW)).toEqual({
      do: 'send',
      doubtSinceMs: answer(3).token.issuedAtMs,
    });
  });
});

describe('an attempt of a keeper that has forgotten', () => {
  const started = { ...request, generation: 0, application: 5_000 };
  const earlierLogins = [{ lineage: 'login-a', replacedAtMs: NOW - 86_400_000 }];
  const replaced = entry({
    lineage: 'login-b',
    epoch: 2,
    application: 3_000,
    answer: { ...answer(9, 'login-b'), epoch: 2 },
    earlierLogins,
  });

  it('adopts the newest answer of its login without a request, although Temporal’s database was lost', () => {
    const recorded = entry({ answer: answer(9) });
    expect(decideAttempt(facts({ request: started, entry: recorded }), NOW)).toEqual({
      do: 'return',
      result: answer(9),
    });
  });

  it('adopts that answer also where a login in between has counted on, so that no first refresh token is sent again', () => {
    const rotated = { ...answer(3), replacedMaterial: { refreshToken: 'f3' } };
    const returned = facts({
      request: { ...request, generation: 4, application: 5_000 },
      fingerprint: 'login-a',
      entry: entry({ answer: rotated }),
    });
    expect(decideAttempt(returned, NOW)).toEqual({
      do: 'return-to-login',
      answer: rotated,
      entry: entry({ answer: rotated }),
    });
  });

  it('goes on with its own material where a refresh replaces none', () => {
    const kept = { ...answer(5), replacedMaterial: { refreshToken: 'login-a' } };
    const own = facts({ fingerprint: 'login-a', entry: entry({ answer: kept }) });
    expect(decideAttempt(own, NOW)).toEqual({ do: 'send' });
  });

  it('sends nothing when it was started anew with the file of a login that was replaced', () => {
    expect(decideAttempt(facts({ request: started, entry: replaced }), NOW)).toEqual({
      do: 'refuse-login',
      replacedAtMs: NOW - 86_400_000,
      application: 3_000,
    });
  });

  it.each([0, 4])(
    'goes on with what a later login brought when it was reset to before that, to generation %i',
    (generation) => {
      const reset = { ...request, generation };
      expect(decideAttempt(facts({ request: reset, entry: replaced }), NOW)).toEqual({
        do: 'return',
        result: replaced.answer,
      });
    },
  );

  it('takes no answer of another provider when it was reset to before that one', () => {
    const other = { ...replaced, provider: 'abitmedia' };
    expect(decideAttempt(facts({ entry: other }), NOW).do).toBe('refuse-login');
  });

  it('sends nothing with settings that were replaced: their address may have been withdrawn', () => {
    const later = entry({ application: 1_001, settings: 'later', answer: answer(5) });
    expect(decideAttempt(facts({ entry: later }), NOW)).toEqual({
      do: 'refuse-settings',
      application: 1_001,
    });
  });

  it('still adopts an answer with such settings, since that sends nothing', () => {
    const later = entry({ application: 1_001, settings: 'later', answer: answer(6) });
    expect(decideAttempt(facts({ entry: later }), NOW).do).toBe('return');
  });

  it('sends where a later application has left the settings as they are', () => {
    const later = entry({ application: 1_001, answer: answer(5) });
    expect(decideAttempt(facts({ entry: later }), NOW).do).toBe('send');
  });

  it('sends for a login that the journal does not know: it is the newest', () => {
    const fresh = { ...started, lineage: 'login-c' };
    const recorded = entry({ lineage: 'login-b', intent, answer: answer(9, 'login-b') });
    const own = facts({ request: fresh, fingerprint: 'login-c', entry: recorded });
    expect(decideAttempt(own, NOW)).toEqual({ do: 'send' });
  });

  it('finds the newest answer of a login to which an operator returns', () => {
    const kept = {
      ...replaced,
      earlierLogins: earlierLogins.map((login) => ({ ...login, answer: answer(7) })),
    };
    const returning = { ...started, returns: true as const };
    expect(decideAttempt(facts({ request: returning, entry: kept }), NOW)).toEqual({
      do: 'return-to-login',
      answer: answer(7),
      entry: kept,
    });
  });
});

describe('an attempt for a login that was applied after one which the journal has not heard of', () => {
  const before = { ...request, unconfirmedLogins: ['login-c'] };
  const standing = entry({ answer: answer(9) });

  it('is refused where the journal knows its login: the other one came later', () => {
    expect(decideAttempt(facts({ request: before, entry: standing }), NOW)).toEqual({
      do: 'refuse-login',
      replacedAtMs: NOW,
      application: 1_000,
    });
  });

  it('goes on where the journal knows the other one, too, or an operator has returned on purpose', () => {
    const known = entry({ ...standing, earlierLogins: [{ lineage: 'login-c', replacedAtMs: 1 }] });
    expect(decideAttempt(facts({ request: before, entry: known }), NOW).do).toBe('return');
    const returning = { ...before, returns: true as const };
    expect(decideAttempt(facts({ request: returning, entry: standing }), NOW).do).toBe('return');
  });
});

describe('an attempt of an operator’s return to a replaced login', () => {
  it('brings nothing back once a later application is known: the request is an old one', () => {
    const earlier = { lineage: 'login-a', replacedAtMs: NOW - 1_000, answer: answer(7) };
    const later = entry({ lineage: 'login-b', application: 4_000, earlierLogins: [earlier] });
    const old = { ...request, generation: 0, application: 3_000, returns: true as const };
    expect(decideAttempt(facts({ request: old, entry: later }), NOW)).toEqual({
      do: 'refuse-login',
      replacedAtMs: NOW - 1_000,
      application: 4_000,
    });
  });

  it('never adopts the later login instead, also where the clock of whoever returned is behind', () => {
    const earlier = { lineage: 'login-a', replacedAtMs: NOW - 1_000, answer: answer(7) };
    const later = entry({
      lineage: 'login-b',
      application: 5_000,
      answer: answer(9, 'login-b'),
      earlierLogins: [earlier],
    });
    // Temporal's database was lost, so only the journal knows the number of the later application.
    const { journalId: _lost, ...first } = request;
    const returning = { ...first, generation: 0, application: 4_000, returns: true as const };
    const started = facts({ request: returning, fingerprint: 'login-a', entry: later });
    expect(decideAttempt(started, NOW)).toEqual({
      do: 'refuse-login',
      replacedAtMs: NOW - 1_000,
      application: 5_000,
    });
    // The refusal tells the keeper that number, so the next return has a higher one.
    const again = { ...returning, application: 5_001 };
    expect(decideAttempt({ ...started, request: again }, NOW)).toMatchObject({
      do: 'return-to-login',
      answer: answer(7),
    });
  });
});

describe('an attempt with another journal than the keeper’s', () => {
  it('sends nothing, whatever its own journal holds', () => {
    for (const recorded of [undefined, entry(), entry({ answer: answer(9) })]) {
      const other = facts({ journalId: 'journal-2', entry: recorded });
      expect(decideAttempt(other, NOW)).toEqual({ do: 'refuse-journal' });
    }
  });

  it('sends nothing at a first refresh whose request went out with another journal', () => {
    const { journalId: _unknown, ...first } = request;
    const other = facts({ request: first, sentWithJournal: 'journal-2' });
    expect(decideAttempt(other, NOW)).toEqual({ do: 'refuse-journal' });
  });

  it('sends where no journal is known yet', () => {
    const { journalId: _unknown, ...first } = request;
    const own = facts({ request: first, fingerprint: 'login-a' });
    expect(decideAttempt(own, NOW)).toEqual({ do: 'send' });
  });
});

describe('an attempt that finds an open intent', () => {
  it('waits until its request is surely over, where a second one could spend a dead token', () => {
    expect(decideAttempt(facts({ entry: entry({ intent }) }), NOW)).toEqual({
      do: 'await-answer',
      untilMs: NOW + 100 + 25_000,
      found: intent,
    });
  });

  it('waits no longer than a request can last, whatever the server’s clock said when it was recorded', () => {
    const ahead = { ...intent, overAtMs: NOW + 86_400_000 };
    expect(decideAttempt(facts({ entry: entry({ intent: ahead }) }), NOW)).toEqual({
      do: 'await-answer',
      untilMs: NOW + 100 + 25_000,
      found: ahead,
    });
  });

  it('counts that wait from when the intent was first found, and not anew from each attempt', () => {
    const found = { ...intent, overAtMs: NOW + 17_100 };
    const recorded = facts({ entry: entry({ intent: found }), scheduledAtMs: NOW + 17_000 });
    expect(decideAttempt(recorded, NOW + 17_099).do).toBe('await-answer');
    expect(decideAttempt(recorded, NOW + 17_100)).toEqual({
      do: 'send',
      doubtSinceMs: intent.atMs,
    });
  });

  it('does not wait where the provider does not rotate', () => {
    const decision = decideAttempt(facts({ entry: entry({ intent }), rotates: false }), NOW);
    expect(decision.do).toBe('send');
  });

  it('is not in doubt about a request that spent other material', () => {
    const other = { ...intent, fingerprint: 'f4' };
    const recorded = entry({ intent: other, answer: answer(5) });
    expect(decideAttempt(facts({ entry: recorded }), NOW)).toEqual({ do: 'send' });
  });

  it('stays in doubt since the first request when several were lost', () => {
    const over = { ...intent, overAtMs: NOW };
    const recorded = entry({ intent: over, doubt: { fingerprint: 'f5', sinceMs: NOW - 90_000 } });
    expect(decideAttempt(facts({ entry: recorded }), NOW + 60_000)).toEqual({
      do: 'send',
      doubtSinceMs: NOW - 90_000,
    });
  });
});

describe('an attempt with a token that renews only itself, which finds a request open', () => {
  const openUntilMs = NOW + 100 + 25_000;
  const found = (expiresAtMs: number | undefined): AttemptFacts =>
    facts({
      entry: entry({ intent }),
      spendsToken: true,
      request: {
        ...request,
        ...(expiresAtMs === undefined ? {} : { currentToken: token({ expiresAtMs }) }),
      },
    });

  it('tries at once where the token would not outlive the wait, since nothing is left to lose', () => {
    const decision = decideAttempt(found(openUntilMs), NOW);
    expect(decision).toEqual({ do: 'send', doubtSinceMs: intent.atMs });
  });

  it('waits where the token may outlive it', () => {
    expect(decideAttempt(found(openUntilMs + 1), NOW).do).toBe('await-answer');
    expect(decideAttempt(found(undefined), NOW).do).toBe('await-answer');
  });

  it.each([true, false])(
    'waits where the token has expired, since another try would only be refused [rotates=%s]',
    (rotates) => {
      const expired = { ...found(NOW), rotates };
      expect(decideAttempt(expired, NOW).do).toBe('await-answer');
      expect(decideAttempt(expired, openUntilMs)).toMatchObject({ do: 'send' });
    },
  );
});

describe('an attempt of a keeper that was moved from another journal', () => {
  const moved = { ...request, movedSinceMs: NOW - 5_000 };

  it('is in doubt, since the other journal may know of a request that this one does not', () => {
    const inDoubt = { do: 'send', doubtSinceMs: NOW - 5_000 };
    const same = facts({ request: moved, entry: entry({ answer: answer(5) }) });
    expect(decideAttempt(same, NOW)).toEqual(inDoubt);
    const none = facts({ request: moved, fingerprint: 'login-a' });
    expect(decideAttempt(none, NOW)).toEqual(inDoubt);
  });
});

describe('an attempt of a journal that knows nothing', () => {
  it('is in doubt when an earlier attempt reported by heartbeat that it sent', () => {
    expect(decideAttempt(facts({ sentWithJournal: 'journal-1' }), NOW)).toEqual({
      do: 'send',
      doubtSinceMs: NOW,
    });
  });

  it('is in doubt when the keeper cut an earlier execution', () => {
    const cut = { ...request, doubtSinceMs: NOW - 5_000 };
    expect(decideAttempt(facts({ request: cut }), NOW)).toEqual({
      do: 'send',
      doubtSinceMs: NOW - 5_000,
    });
  });

  it('believes an entry rather than those hints', () => {
    const hinted = facts({ entry: entry({ answer: answer(5) }), sentWithJournal: 'journal-1' });
    expect(decideAttempt(hinted, NOW)).toEqual({ do: 'send' });
  });
});

describe('an attempt that comes while a wait is on', () => {
  const held = (askedByProvider: boolean, execution = 'execution-1'): JournalEntry =>
    entry({ setback: { count: 3, holdUntilMs: NOW + 30_000, askedByProvider, execution } });
  const asks = (
    reason: AttemptFacts['request']['reason'],
    askedByProvider: boolean,
    execution?: string,
  ): string =>
    decideAttempt(
      facts({ request: { ...request, reason }, entry: held(askedByProvider, execution) }),
      NOW,
    ).do;

  it('keeps our own backoff unless it was forced', () => {
    expect(asks('due', false)).toBe('hold');
    expect(asks('wanted', false)).toBe('hold');
    expect(asks('forced', false)).toBe('send');
    expect(asks('forced-now', false)).toBe('send');
  });

  it('keeps no wait that was recorded while the server’s clock ran a day ahead', () => {
    const setback = {
      count: 3,
      holdUntilMs: NOW + 86_400_000,
      askedByProvider: true,
      execution: 'execution-1',
    };
    const asked = facts({ request: { ...request, reason: 'due' }, entry: entry({ setback }) });
    expect(decideAttempt(asked, NOW).do).toBe('send');
  });

  it('keeps a Retry-After unless an operator says now', () => {
    expect(asks('due', true)).toBe('hold');
    expect(asks('forced', true)).toBe('hold');
    expect(asks('forced-now', true)).toBe('send');
  });

  it('lets a force pass no wait that an attempt of its own execution met', () => {
    expect(asks('forced', false, 'execution-2')).toBe('hold');
    expect(asks('forced-now', true, 'execution-2')).toBe('hold');
  });

  it('sends with repaired settings, whatever wait was asked of those before', () => {
    const repaired = facts({ entry: held(true), settings: 'repaired' });
    const newer = { ...repaired, request: { ...request, application: 2_000 } };
    expect(decideAttempt(newer, NOW).do).toBe('send');
  });

  it('sends when the wait is over', () => {
    const decision = decideAttempt(facts({ entry: held(true) }), NOW + 30_000);
    expect(decision.do).toBe('send');
  });
});

describe('an attempt whose material was refused in doubt', () => {
  const refused = { ...request, refusedInDoubtSinceMs: NOW - 9_000 };
  const doubt = { fingerprint: 'f5', sinceMs: NOW - 9_000 };
  const isRefused = { do: 'refuse-material', doubtSinceMs: NOW - 9_000 };

  it('returns an answer that has reached the journal since', () => {
    const late = entry({ doubt, answer: answer(6) });
    expect(decideAttempt(facts({ request: refused, entry: late }), NOW)).toEqual({
      do: 'return',
      result: answer(6),
    });
  });

  it('sends nothing else, whatever the journal holds and whoever asks for it', () => {
    const held = { count: 1, execution: 'e', holdUntilMs: NOW + 60_000, askedByProvider: true };
    const entries = [undefined, entry(), entry({ doubt }), entry({ doubt, setback: held })];
    const others = entry({ lineage: 'login-b', application: 500 });
    for (const reason of ['due', 'wanted', 'forced', 'forced-now'] as const) {
      for (const each of [...entries, others]) {
        const asked = facts({ request: { ...refused, reason }, entry: each });
        expect(decideAttempt(asked, NOW)).toEqual(isRefused);
      }
    }
  });

  it('waits for a request that may be open still, and only then says so', () => {
    const open = facts({ request: refused, entry: entry({ doubt, intent }) });
    expect(decideAttempt(open, NOW).do).toBe('await-answer');
    expect(decideAttempt(open, NOW + 60_000)).toEqual(isRefused);
  });

  it('spends a refresh token that came late without an access token, unless that is what was refused', () => {
    const late = { request: refused, spendsSuccessor: true, fingerprint: 'f6' };
    expect(decideAttempt(facts({ ...late, entry: entry({ doubt }) }), NOW).do).toBe('send');
    const spent = entry({ doubt: { ...doubt, fingerprint: 'f6' } });
    expect(decideAttempt(facts({ ...late, entry: spent }), NOW)).toEqual(isRefused);
    const since = entry({ doubt: { fingerprint: 'f6', sinceMs: NOW - 1_000 } });
    expect(decideAttempt(facts({ ...late, entry: since }), NOW).do).toBe('send');
  });
});
