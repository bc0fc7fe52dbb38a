import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import { type AttemptFacts, decideAttempt } from '../../src/policy/attempt.js';
import { HTTP_DEADLINE_MS, IN_DOUBT_GRACE_MS, SEND_WITHIN_MS } from '../../src/policy/numbers.js';
import { NOW, token } from './keeper-fixture.js';

const request: AttemptFacts['request'] = {
  keeperId: 'keeper-1',
  epoch: 1,
  generation: 5,
  reason: 'due',
};
const answer = (generation: number): RefreshResult => ({
  epoch: 1,
  generation,
  token: token(),
  replacedMaterial: {},
});
const entry = (overrides: Partial<JournalEntry> = {}): JournalEntry => ({
  keeperId: 'keeper-1',
  epoch: 1,
  ...overrides,
});
const facts = (overrides: Partial<AttemptFacts> = {}): AttemptFacts => ({
  request,
  entry: undefined,
  fingerprint: 'f5',
  rotates: true,
  sentByHeartbeat: false,
  ...overrides,
});
const intent = { fingerprint: 'f5', atMs: NOW - 1_000, deadlineAtMs: NOW + 19_000 };

describe('an attempt that looks into the journal first', () => {
  it('sends when nothing is recorded', () => {
    expect(decideAttempt(facts(), NOW)).toEqual({ do: 'send' });
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

  it('ignores what belongs to a credential of the same id that was created anew', () => {
    const foreign = entry({ keeperId: 'keeper-0', answer: answer(9), intent });
    expect(decideAttempt(facts({ entry: foreign }), NOW)).toEqual({ do: 'send' });
  });

  it('ignores what belongs to an older epoch', () => {
    const reauthorized = { ...request, epoch: 2 };
    const recorded = entry({ answer: answer(9), intent });
    expect(decideAttempt(facts({ request: reauthorized, entry: recorded }), NOW)).toEqual({
      do: 'send',
    });
  });

  it('returns the answer of a later epoch after a reset to before the re-authorization', () => {
    const later = { ...answer(9), epoch: 2 };
    const recorded = entry({ epoch: 2, answer: later });
    expect(decideAttempt(facts({ entry: recorded }), NOW)).toEqual({ do: 'return', result: later });
  });
});

describe('an attempt that finds an open intent', () => {
  it('waits until its request is surely over, where a second one could spend a dead token', () => {
    expect(decideAttempt(facts({ entry: entry({ intent }) }), NOW)).toEqual({
      do: 'await-answer',
      untilMs: NOW + 24_000,
      found: entry({ intent }),
    });
  });

  it('waits no longer for an intent of a worker whose clock ran ahead than the server’s clock asks for', () => {
    const ahead = { ...intent, deadlineAtMs: NOW + 3_600_000 };
    const longestMs = SEND_WITHIN_MS + HTTP_DEADLINE_MS + IN_DOUBT_GRACE_MS;
    expect(decideAttempt(facts({ entry: entry({ intent: ahead }) }), NOW)).toMatchObject({
      do: 'await-answer',
      untilMs: NOW + longestMs,
    });
  });

  it('counts that wait from when the intent was first found, and not anew from each attempt', () => {
    const ahead = { ...intent, deadlineAtMs: NOW + 3_600_000, foundAtMs: NOW };
    const overAtMs = NOW + SEND_WITHIN_MS + HTTP_DEADLINE_MS + IN_DOUBT_GRACE_MS;
    const recorded = facts({ entry: entry({ intent: ahead }) });
    expect(decideAttempt(recorded, overAtMs - 1).do).toBe('await-answer');
    expect(decideAttempt(recorded, overAtMs)).toEqual({ do: 'send', doubtSinceMs: intent.atMs });
  });

  it('sends once more in doubt when its time is over', () => {
    expect(decideAttempt(facts({ entry: entry({ intent }) }), NOW + 24_000)).toEqual({
      do: 'send',
      doubtSinceMs: NOW - 1_000,
    });
  });

  it('does not wait where the provider does not rotate', () => {
    const decision = decideAttempt(facts({ entry: entry({ intent }), rotates: false }), NOW);
    expect(decision.do).toBe('send');
  });

  it('is not in doubt about a request that spent other material', () => {
    const other = { ...intent, fingerprint: 'f4' };
    expect(decideAttempt(facts({ entry: entry({ intent: other }) }), NOW)).toEqual({ do: 'send' });
  });

  it('stays in doubt since the first request when several were lost', () => {
    const recorded = entry({ intent, doubt: { fingerprint: 'f5', sinceMs: NOW - 90_000 } });
    expect(decideAttempt(facts({ entry: recorded }), NOW + 60_000)).toEqual({
      do: 'send',
      doubtSinceMs: NOW - 90_000,
    });
  });
});

describe('an attempt of a journal that knows nothing', () => {
  it('is in doubt when an earlier attempt reported by heartbeat that it sent', () => {
    expect(decideAttempt(facts({ sentByHeartbeat: true }), NOW)).toEqual({
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
    const hinted = facts({ entry: entry({ answer: answer(5) }), sentByHeartbeat: true });
    expect(decideAttempt(hinted, NOW)).toEqual({ do: 'send' });
  });
});

describe('an attempt that comes while a wait is on', () => {
  const held = (askedByProvider: boolean): JournalEntry =>
    entry({ setback: { count: 3, holdUntilMs: NOW + 30_000, askedByProvider } });
  const asks = (reason: AttemptFacts['request']['reason'], askedByProvider: boolean): string =>
    decideAttempt(facts({ request: { ...request, reason }, entry: held(askedByProvider) }), NOW).do;

  it('keeps our own backoff unless it was forced', () => {
    expect(asks('due', false)).toBe('hold');
    expect(asks('forced', false)).toBe('send');
    expect(asks('forced-now', false)).toBe('send');
  });

  it('keeps a Retry-After unless an operator says now', () => {
    expect(asks('due', true)).toBe('hold');
    expect(asks('forced', true)).toBe('hold');
    expect(asks('forced-now', true)).toBe('send');
  });

  it('sends when the wait is over', () => {
    const decision = decideAttempt(facts({ entry: held(true) }), NOW + 30_000);
    expect(decision).toEqual({ do: 'send' });
  });
});
