import type { CredentialSpec, Token } from '../../src/contract/credential.js';
import type { KeeperState } from '../../src/contract/keeper.js';
import type { ApplyRequest } from '../../src/contract/messages.js';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';

export const NOW = Date.UTC(2026, 0, 1);

export function token(overrides: Partial<Token> = {}): Token {
  return {
    value: 'access-1',
    tokenType: 'Bearer',
    issuedAtMs: NOW,
    expiresAtMs: NOW + 1_800_000,
    ...overrides,
  };
}

export function spec(overrides: Partial<CredentialSpec> = {}): CredentialSpec {
  return {
    id: 'acme/mail',
    provider: 'oauth2',
    config: { issuer: 'https://id.example' },
    material: { refreshToken: 'refresh-1', clientSecret: 'secret-1' },
    fingerprints: { refreshToken: 'f-refresh-1', clientSecret: 'f-secret-1' },
    timing: {},
    traits: { spentField: 'refreshToken', rotates: true },
    ...overrides,
  };
}

export function state(overrides: Partial<KeeperState> = {}): KeeperState {
  return {
    generation: 5,
    epoch: 1,
    application: 1_000,
    earlierLogins: [],
    journalId: 'journal-1',
    status: 'fresh',
    spec: spec({ material: { refreshToken: 'refresh-5', clientSecret: 'secret-1' } }),
    token: token(),
    nextRefreshAtMs: NOW + 1_600_000,
    lastRefreshStartedAtMs: NOW - 100,
    failureStreak: 0,
    ...overrides,
  };
}

/** The result of the refresh that follows `state`. */
export function result(overrides: Partial<RefreshResult> = {}): RefreshResult {
  return {
    credentialId: 'acme/mail',
    lineage: 'f-refresh-1',
    epoch: 1,
    earlierLogins: [],
    generation: 6,
    token: token(),
    application: 1_000,
    waitedMs: 0,
    refreshLeadMs: 1,
    replacedMaterial: { refreshToken: 'refresh-6' },
    journalId: 'journal-1',
    ...overrides,
  };
}

/** An application of `spec` that is newer than the last one of `state`. */
export function application(
  overrides: Partial<CredentialSpec> = {},
  request: Partial<Omit<ApplyRequest, 'spec'>> = {},
): ApplyRequest {
  return { spec: spec(overrides), application: 2_000, useSearchAttributes: true, ...request };
}
