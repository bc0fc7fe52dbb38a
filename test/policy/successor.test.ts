import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/contract/journal-entry.js';
import { forgottenSinceMs } from '../../src/policy/forgotten-refreshes.js';
import { withLateSuccessor } from '../../src/policy/successor.js';
import { NOW, result } from '../support/keeper-fixture.js';

const SUCCESSOR = { of: 'f-refresh-1', replacedMaterial: { refreshToken: 'successor' } };
const ENTRY: JournalEntry = {
  credentialId: 'acme/mail',
  provider: 'oauth2',
  lineage: 'f-refresh-1',
  epoch: 1,
  application: 1_000,
  settings: 'settings',
  earlierLogins: [],
};

describe('material that came without a token', () => {
  it('is kept although another attempt has begun since, and not once that one has brought a token', () => {
    expect(withLateSuccessor(ENTRY, ENTRY, SUCCESSOR)).toEqual({ ...ENTRY, successor: SUCCESSOR });
    const answered = { ...ENTRY, answer: result() };
    expect(withLateSuccessor(answered, ENTRY, SUCCESSOR)).toBeUndefined();
  });

  it('is spent without a doubt although the journal has forgotten refreshes before it', () => {
    const request = { lineage: 'f-refresh-1', generation: 7 };
    const facts = { request, fingerprint: 'f-successor', spendsSuccessor: false };
    const forgetful = { answer: result() };
    expect(forgottenSinceMs(forgetful, facts, NOW)).toBe(result().token.issuedAtMs);
    expect(forgottenSinceMs(forgetful, { ...facts, spendsSuccessor: true }, NOW)).toBeUndefined();
  });
});
