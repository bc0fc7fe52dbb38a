import { describe, expect, it } from 'vitest';
import type { FailureSummary } from '../../src/contract/failures.js';
import type { KeeperState } from '../../src/contract/keeper.js';
import { PUBLISHED_MEMO } from '../../src/contract/names.js';
import {
  isPublishedAnew,
  isPublishedWith,
  publishedAnswer,
  publishedSettings,
} from '../../src/policy/published-answer.js';
import { NOW, state, token } from '../support/keeper-fixture.js';

const FAILURE: FailureSummary = {
  type: 'TransientRefreshError',
  provider: 'oauth2',
  code: 'http_503',
  atMs: NOW,
  action: '',
};
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
    ['its last failure', { lastFailure: FAILURE }],
    ['a force that waits', { pendingForce: { requestedAtMs: NOW, generation: 1 } }],
  ])('is published anew where %s changes', (_which, change) => {
    const after = { ...BEFORE, ...change };
    expect(publishedAnswer(after, NOW)).not.toEqual(publishedAnswer(BEFORE, NOW));
    expect(isPublishedAnew(BEFORE, after)).toBe(true);
  });

  it('stays where the start of its run has said it, although two clocks tell when a refresh is due at once', () => {
    const { lastRefreshStartedAtMs: _none, ...unstarted } = BEFORE;
    const settings = publishedSettings(BEFORE.spec, true);
    const startedWith = (nextRefreshAtMs: number, nowMs: number) => {
      const answer = publishedAnswer({ ...unstarted, nextRefreshAtMs }, nowMs);
      return { [PUBLISHED_MEMO.answer]: answer, [PUBLISHED_MEMO.settings]: settings };
    };
    const due = publishedAnswer({ ...unstarted, nextRefreshAtMs: NOW }, NOW);
    expect(isPublishedWith(startedWith(NOW + 5, NOW + 5), due, settings)).toBe(true);
    const later = publishedAnswer(BEFORE, NOW);
    const offByOne = startedWith(BEFORE.nextRefreshAtMs + 1, NOW);
    expect(isPublishedWith(offByOne, later, settings)).toBe(false);
  });

  it('stays where a refresh begins, which happens each time', () => {
    expect(isPublishedAnew(BEFORE, { ...BEFORE, wantedSinceMs: NOW })).toBe(false);
  });
});
