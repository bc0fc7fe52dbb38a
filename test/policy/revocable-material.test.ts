import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import {
  isNewestMaterial,
  type RevocationFacts,
  withRevokedAnswer,
} from '../../src/policy/revocable-material.js';

const REQUEST = { lineage: 'login', application: 1, generation: 5 };
const ANSWER: RefreshResult = {
  credentialId: 'c',
  lineage: 'login',
  epoch: 1,
  earlierLogins: [],
  generation: 5,
  token: { value: 'access', tokenType: 'Bearer', issuedAtMs: 1_000, expiresAtMs: 9_000 },
  application: 1,
  waitedMs: 0,
  refreshLeadMs: 0,
  replacedMaterial: { refreshToken: 'newest' },
  journalId: 'j',
};
const ENTRY: JournalEntry = {
  credentialId: 'c',
  provider: 'oauth2',
  lineage: 'login',
  epoch: 1,
  application: 1,
  settings: 'settings',
  earlierLogins: [],
  answer: ANSWER,
};

/** Whether the keeper's material, which a refresh has brought, is the newest. */
function isNewest(
  request: Partial<RevocationFacts['request']>,
  entry: JournalEntry | undefined,
  fingerprint = 'newest',
): boolean {
  const leftBy = ({ replacedMaterial }: RefreshResult) => replacedMaterial['refreshToken'];
  const settings = 'settings';
  const asked = { ...REQUEST, ...request };
  const facts = { request: asked, entry, fingerprint, settings, leftBy };
  return isNewestMaterial({ ...facts, spendsSuccessor: false, rotates: true });
}

describe('the material that is revoked', () => {
  it('is the keeper’s where the journal knows nothing newer', () => {
    expect(isNewest({}, ENTRY)).toBe(true);
    expect(isNewest({}, undefined, 'login')).toBe(true);
    const another = { ...ENTRY, lineage: 'another login' };
    expect(isNewest({ application: 2 }, another, 'login')).toBe(true);
  });

  it('is not known where the journal has forgotten refreshes of the login, or was lost', () => {
    expect(isNewest({ generation: 6 }, ENTRY)).toBe(false);
    const { answer: _answer, ...unanswered } = ENTRY;
    expect(isNewest({}, unanswered)).toBe(false);
    expect(isNewest({}, undefined)).toBe(false);
    expect(isNewest({ doubtSinceMs: 1_000 }, undefined, 'login')).toBe(false);
    const another = { ...ENTRY, lineage: 'another login' };
    expect(isNewest({ application: 2 }, another)).toBe(false);
    expect(isNewest({ application: 2, doubtSinceMs: 1_000 }, another, 'login')).toBe(false);
  });

  it('is not that of a keeper to which the journal can bring a newer answer', () => {
    expect(isNewest({ generation: 4 }, ENTRY)).toBe(false);
    expect(isNewest({ generation: 6 }, ENTRY, 'login')).toBe(false);
  });

  it('is not that which the keeper holds as it was applied, where an answer has brought other', () => {
    expect(isNewest({}, ENTRY, 'login')).toBe(false);
  });

  it('is not known while a request may have brought more', () => {
    const intent = { id: 'i', fingerprint: 'f', atMs: 0, attemptAgeMs: 0 };
    expect(isNewest({}, { ...ENTRY, intent })).toBe(false);
    const doubt = { fingerprint: 'f', sinceMs: 0 };
    expect(isNewest({}, { ...ENTRY, doubt })).toBe(false);
  });

  it('is not known after a move from another journal, which may have recorded more', () => {
    expect(isNewest({ movedSinceMs: 1_000 }, ENTRY)).toBe(false);
    expect(isNewest({ movedSinceMs: 1_000 }, undefined, 'login')).toBe(false);
  });

  it('is not that of a request with settings that a later application replaced, or with an unknown login of before', () => {
    expect(isNewest({}, { ...ENTRY, application: 2 })).toBe(true);
    expect(isNewest({}, { ...ENTRY, application: 2, settings: 'later' })).toBe(false);
    const another = { ...ENTRY, application: 2, lineage: 'another login' };
    expect(isNewest({}, another, 'login')).toBe(false);
  });

  it('is not that of a login which a later one has replaced', () => {
    const later = {
      ...ENTRY,
      lineage: 'later',
      earlierLogins: [{ lineage: 'login', replacedAtMs: 1_000 }],
    };
    expect(isNewest({ application: 2 }, later)).toBe(false);
    expect(isNewest({ application: 2, returns: true }, later, 'login')).toBe(true);
  });

  it('is not that of a login to which an operator has returned, where the journal kept more of it', () => {
    const kept = { lineage: 'login', replacedAtMs: 1_000 };
    const later = { ...ENTRY, lineage: 'later' };
    const returned = { application: 2, returns: true } as const;
    const doubt = { fingerprint: 'f', sinceMs: 0 };
    for (const more of [{ answer: ANSWER }, { doubt }]) {
      const entry = { ...later, earlierLogins: [{ ...kept, ...more }] };
      expect(isNewest(returned, entry, 'login')).toBe(false);
    }
  });
});

describe('the journal after a revocation', () => {
  it('holds the newest token as expired, and all that descends from the login', () => {
    const entry = withRevokedAnswer(REQUEST, ENTRY, 3_000);
    expect(entry).toEqual({
      ...ENTRY,
      answer: { ...ANSWER, token: { ...ANSWER.token, expiresAtMs: 3_000 } },
    });
  });

  it('holds a token that was over before as it is, and none as over before it was issued', () => {
    const expiresAtMs = (nowMs: number): number | undefined =>
      withRevokedAnswer(REQUEST, ENTRY, nowMs)?.answer?.token.expiresAtMs;
    expect(expiresAtMs(20_000)).toBe(ANSWER.token.expiresAtMs);
    expect(expiresAtMs(500)).toBe(ANSWER.token.issuedAtMs);
  });

  it('is left alone where it is of another login', () => {
    expect(withRevokedAnswer({ lineage: 'another' }, ENTRY, 3_000)).toBeUndefined();
    expect(withRevokedAnswer(REQUEST, undefined, 3_000)).toBeUndefined();
  });
});
