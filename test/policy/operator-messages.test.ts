import { describe, expect, it } from 'vitest';
import { isTimely, withActedOn } from '../../src/policy/operator-messages.js';
import { applied } from '../../src/policy/apply.js';
import { stateBefore } from '../../src/policy/unconfirmed-login.js';
import { application, NOW, state } from '../support/keeper-fixture.js';

const MINUTE_MS = 60_000;

describe('an operator’s message', () => {
  it('is acted on once, whatever was acted on in between', () => {
    const once = withActedOn(state(), NOW);
    expect(isTimely(state(), NOW, NOW)).toBe(true);
    expect(isTimely(once, NOW, NOW + 1)).toBe(false);
    expect(isTimely(withActedOn(once, NOW + 1), NOW, NOW + 2)).toBe(false);
  });

  it('is acted on where its clock is up to ten minutes off, and no further', () => {
    for (const offMs of [-10 * MINUTE_MS, 10 * MINUTE_MS]) {
      expect(isTimely(state(), NOW + offMs, NOW)).toBe(true);
      expect(isTimely(state(), NOW + offMs + Math.sign(offMs), NOW)).toBe(false);
    }
  });

  it('is not locked out by one of a clock that is ahead', () => {
    const ahead = withActedOn(state(), NOW + 9 * MINUTE_MS);
    expect(isTimely(ahead, NOW, NOW)).toBe(true);
  });

  it('is not acted on again once so many came after it that it was forgotten', () => {
    let flooded = state();
    for (let each = 0; each < 60; each += 1) flooded = withActedOn(flooded, NOW + each);
    expect(flooded.actedOnMs).toHaveLength(50);
    expect(isTimely(flooded, NOW, NOW + 60)).toBe(false);
    expect(isTimely(flooded, NOW + 60, NOW + 60)).toBe(true);
  });

  it('is remembered by a keeper that gets another login, and by one that goes back from it', () => {
    const kept = withActedOn(state({ formerStates: [] }), NOW);
    const next = applied(kept, application({ fingerprints: { refreshToken: 'f-new' } }), NOW);
    if ('refused' in next) throw new Error(next.refused.message);
    expect(next.outcome).toBe('reauthorized');
    expect(isTimely(next.state, NOW, NOW)).toBe(false);

    const later = withActedOn(next.state, NOW + 1);
    const type = 'PermanentRefreshError';
    const refusal = {
      type,
      provider: 'oauth2',
      code: 'login_replaced',
      atMs: NOW,
      action: '',
    } as const;
    const back = stateBefore(later, refusal, NOW);
    expect(back?.actedOnMs).toEqual([NOW + 1, NOW]);
  });

  it('is remembered where the login before is applied again, although the journal knows neither', () => {
    const started = state({ isLoginUnconfirmed: true });
    const next = applied(started, application({ fingerprints: { refreshToken: 'f-new' } }), NOW);
    if ('refused' in next) throw new Error(next.refused.message);
    const kept = withActedOn(next.state, NOW);
    const again = applied(kept, application({}, { application: 3_000 }), NOW);
    if ('refused' in again) throw new Error(again.refused.message);
    expect(again.state.spec.fingerprints['refreshToken']).toBe('f-refresh-1');
    expect(isTimely(again.state, NOW, NOW)).toBe(false);
  });
});
