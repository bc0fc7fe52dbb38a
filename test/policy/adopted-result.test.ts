import { describe, expect, it } from 'vitest';
import { withResult } from '../../src/policy/adopted-result.js';
import { nextStartAtMs } from '../../src/policy/forced-refresh.js';
import { NOW, result, state, token } from '../support/keeper-fixture.js';

describe('a keeper that adopts a result', () => {
  it('never counts back, although the journal that brought it was restored', () => {
    expect(withResult(state(), result({ generation: 2 }), NOW).generation).toBe(6);
  });

  it('stays with the journal to which it was moved while the refresh was on its way', () => {
    const moved = state({ journalId: 'journal-2' });
    expect(withResult(moved, result(), NOW).journalId).toBe('journal-2');
    const { journalId: _none, ...first } = state();
    expect(withResult(first, result(), NOW).journalId).toBe('journal-1');
  });

  it('has the journal told of an application that came while the refresh was on its way', () => {
    expect(withResult(state({ application: 1_001 }), result(), NOW).isUnrecorded).toBe(true);
    expect(withResult(state({ isUnrecorded: true }), result(), NOW)).not.toHaveProperty(
      'isUnrecorded',
    );
  });

  it('refreshes once more where its new token was found wanting, and not before the provider accepts its age', () => {
    const pendingForce = { requestedAtMs: NOW - 5_000, generation: 6 };
    const after = withResult(state({ pendingForce, wantedSinceMs: NOW - 9_000 }), result(), NOW);
    expect(nextStartAtMs(after)).toBe(NOW);
    const { spec } = after;
    const minimumAgeMs = 60_000;
    expect(nextStartAtMs({ ...after, spec: { ...spec, timing: { minimumAgeMs } } })).toBe(
      token().issuedAtMs + minimumAgeMs,
    );
  });
});
