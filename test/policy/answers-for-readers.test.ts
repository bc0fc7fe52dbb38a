import { describe, expect, it } from 'vitest';
import type { Token } from '../../src/contract/credential.js';
import { TOKEN } from '../../src/contract/keeper-shapes.js';
import { isForReadersToRead } from '../../src/contract/payload-checks.js';
import {
  publishedAnswer,
  statusAnswerOf,
  tokenAnswerOf,
} from '../../src/policy/published-answer.js';
import { sample } from '../contract/shape-samples.js';
import { NOW, state, token } from '../support/keeper-fixture.js';

const full = sample(TOKEN, true) as Token;
const optionalFields = (Object.keys(full) as (keyof Token)[]).filter((name) => !(name in token()));

describe('what a keeper answers of a token with', () => {
  it.each(optionalFields)('%s is for readers', (name) => {
    const published = publishedAnswer(state({ token: token({ [name]: full[name] }) }), NOW);
    expect(isForReadersToRead(published)).toBe(true);
    expect(isForReadersToRead(tokenAnswerOf(published))).toBe(true);
    expect(isForReadersToRead(statusAnswerOf(published, false))).toBe(true);
  });

  it('an expiry that is only assumed says so in its status', () => {
    const published = publishedAnswer(state({ token: token({ isLifetimeAssumed: true }) }), NOW);
    expect(statusAnswerOf(published, false)).toMatchObject({ isLifetimeAssumed: true });
  });
});

describe('a refresh that is awaited', () => {
  it('is one that is due, or that somebody sees under way', () => {
    const due = publishedAnswer(state({ nextRefreshAtMs: NOW, lastRefreshStartedAtMs: 0 }), NOW);
    expect(due.awaitsRefresh).toBe(true);
    const later = publishedAnswer(state(), NOW);
    expect(later.awaitsRefresh).toBe(false);
    expect(statusAnswerOf(later, false).awaitsRefresh).toBe(false);
    expect(statusAnswerOf(later, true)).toMatchObject({ awaitsRefresh: true, refreshing: true });
  });
});
