import { describe, expect, it } from 'vitest';
import type { KeeperState } from '../../src/contract/keeper.js';
import { isPublishedAnew, publishedAnswer } from '../../src/policy/published-answer.js';
import { NOW, state, token } from '../support/keeper-fixture.js';

const BEFORE = state({ token: token({ expiresAtMs: NOW + 60_000 }) });

describe('what a keeper has published', () => {
  it.each<[string, Partial<KeeperState>]>([
    ['its status', { status: 'retrying' }],
    ['its generation', { generation: BEFORE.generation + 1 }],
    ['its login, as the journal tells it', { epoch: BEFORE.epoch + 1 }],
    ['its application', { application: BEFORE.application + 1 }],
    ['its journal', { journalId: 'another' }],
    ['its token', { token: token({ expiresAtMs: NOW + 90_000 }) }],
    ['when it refreshes next', { nextRefreshAtMs: BEFORE.nextRefreshAtMs + 1 }],
    ['a force that waits', { pendingForce: { requestedAtMs: NOW, generation: 1 } }],
  ])('is published anew where %s changes', (_which, change) => {
    const after = { ...BEFORE, ...change };
    expect(publishedAnswer(after, NOW)).not.toEqual(publishedAnswer(BEFORE, NOW));
    expect(isPublishedAnew(BEFORE, after)).toBe(true);
  });

  it('stays where a refresh begins, which happens each time', () => {
    expect(isPublishedAnew(BEFORE, { ...BEFORE, wantedSinceMs: NOW })).toBe(false);
  });
});
