import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import { replacedSince, withRevokedAnswer } from '../../src/policy/revocable-material.js';

const REQUEST = { lineage: 'login', generation: 4 };
const ANSWER: RefreshResult = {
  credentialId: 'c',
  lineage: 'login',
  epoch: 1,
  earlierLogins: [],
  generation: 5,
  token: { value: 'access', tokenType: 'Bearer', issuedAtMs: 1_000, expiresAtMs: 9_000 },
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

describe('the material that is revoked', () => {
  it('is the newest of the journal, also where the keeper has not heard of it', () => {
    expect(replacedSince(REQUEST, ENTRY)).toEqual({ refreshToken: 'newest' });
  });

  it('is the keeper’s where the journal knows nothing newer', () => {
    expect(replacedSince({ ...REQUEST, generation: 5 }, ENTRY)).toEqual({});
    expect(replacedSince(REQUEST, undefined)).toEqual({});
    expect(replacedSince(REQUEST, { ...ENTRY, lineage: 'another login' })).toEqual({});
  });

  it('is not known while a request may have brought more', () => {
    const intent = { id: 'i', fingerprint: 'f', atMs: 0, attemptAgeMs: 0 };
    expect(replacedSince(REQUEST, { ...ENTRY, intent })).toBe('unknown');
    const doubt = { fingerprint: 'f', sinceMs: 0 };
    expect(replacedSince(REQUEST, { ...ENTRY, doubt })).toBe('unknown');
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

  it('is left alone where it is of another login', () => {
    expect(withRevokedAnswer({ lineage: 'another' }, ENTRY, 3_000)).toBeUndefined();
    expect(withRevokedAnswer(REQUEST, undefined, 3_000)).toBeUndefined();
  });
});
