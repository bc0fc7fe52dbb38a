import { describe, expect, it } from 'vitest';
import type { CredentialSpec, Json, Token } from '../../src/contract/credential.js';
import type { FailureSummary } from '../../src/contract/failures.js';
import type { KeeperInput, KeeperState } from '../../src/contract/keeper.js';
import type { StatusAnswer, TokenAnswer } from '../../src/contract/messages.js';
import { redact } from '../../src/contract/redaction.js';
import type { RefreshRequest, RefreshResult } from '../../src/contract/refresh-activity.js';

const ACCESS = 'CANARY-access';
const REFRESH = 'CANARY-refresh';
const PRINT = 'CANARY-fingerprint';

const token: Token = {
  value: ACCESS,
  tokenType: 'Bearer',
  issuedAtMs: 1,
  expiresAtMs: 2,
  scope: 'read write',
  extras: { id_token: 'CANARY-id', nested: ['CANARY-list', 7] },
};
const spec: CredentialSpec = {
  id: 'acme/tavio',
  provider: 'tavio',
  config: { baseUrl: 'https://api.example.com', clientId: '0oa1b2c3d4e5f6g7h8i9', list: [1] },
  material: { accessToken: ACCESS, refreshToken: REFRESH, key: { $workerEnv: 'CANARY_ENV' } },
  fingerprints: { accessToken: PRINT },
  timing: { leadMs: 30_000 },
  traits: { spentField: 'accessToken', rotates: true },
  seedToken: token,
};
const failure: FailureSummary = {
  type: 'PermanentRefreshError',
  provider: 'tavio',
  code: 'invalid_grant',
  atMs: 3,
  action: 'obtain new material and run: evertoken reauthorize acme/tavio -f FILE',
};
const state: KeeperState = {
  keeperId: '01a1fbde-fc2e-77bc-9727-7c6c1505baa5',
  generation: 4,
  epoch: 1,
  status: 'fresh',
  spec,
  token,
  nextRefreshAtMs: 5,
  pendingForce: { requestedAtMs: 6, overrideRetryAfter: false },
  failureStreak: 0,
  lastFailure: failure,
};
const request: RefreshRequest = {
  credentialId: 'acme/tavio',
  provider: 'tavio',
  config: spec.config,
  material: spec.material,
  timing: spec.timing,
  keeperId: state.keeperId,
  epoch: 1,
  generation: 4,
  currentToken: token,
  reason: 'due',
};
const result: RefreshResult = {
  epoch: 1,
  generation: 5,
  token,
  replacedMaterial: { refreshToken: REFRESH },
};
const tokenAnswer: TokenAnswer = {
  id: 'acme/tavio',
  provider: 'tavio',
  status: 'fresh',
  generation: 5,
  token,
  lastFailure: failure,
};
const status: StatusAnswer = {
  id: 'acme/tavio',
  provider: 'tavio',
  status: 'retrying',
  generation: 5,
  epoch: 1,
  refreshing: true,
  forcePending: false,
  failureStreak: 2,
  materialExpiresAtMs: 8,
  lastFailure: failure,
};
const input: KeeperInput = { state, useSearchAttributes: true };

/** As the data converter would carry it. */
const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as Json;

describe('redact', () => {
  it('hides every secret of every object that carries one, and shows the rest', () => {
    for (const payload of [input, state, spec, request, result, tokenAnswer]) {
      const shown = JSON.stringify(redact(json(payload)));
      expect(shown).not.toContain('CANARY');
      expect(shown.length).toBeGreaterThan(100);
    }
  });

  it('shows names of secret fields and all that is not secret', () => {
    expect(redact(json(spec))).toEqual({
      ...spec,
      material: {
        accessToken: '[secret]',
        refreshToken: '[secret]',
        key: { $workerEnv: '[secret]' },
      },
      fingerprints: { accessToken: '[secret]' },
      seedToken: {
        ...token,
        value: '[secret]',
        extras: { id_token: '[secret]', nested: ['[secret]', '[secret]'] },
      },
    });
  });

  it('leaves objects without secrets as they are', () => {
    for (const payload of [
      status,
      failure,
      { status: 'stopped', generation: 3 },
      { generation: 3, overrideRetryAfter: true },
      { minValidityMs: 60_000, afterGeneration: 2 },
      {},
      null,
    ]) {
      expect(redact(json(payload))).toEqual(payload);
    }
  });

  it('hides a secret value also where it appears in another field', () => {
    const leaky = { ...spec, config: { note: `was ${ACCESS}, now other` }, id: REFRESH };
    const shown = redact(json(leaky));
    expect(shown).toMatchObject({ id: '[secret]', config: { note: '[secret]' } });
  });

  it('hides whole what is no object of ours', () => {
    for (const payload of [
      { access_token: 'CANARY' },
      { ...status, more: 'CANARY' },
      { ...tokenAnswer, token: { ...token, refresh: 'CANARY' } },
      { ...tokenAnswer, token: 'CANARY' },
      { message: 'failed', stack_trace: '', other: 'CANARY' },
      { constructor: 'CANARY' },
      JSON.parse('{"__proto__":{"a":"CANARY"}}') as Json,
      ['CANARY', 'of two words'],
      42,
      true,
    ]) {
      expect(redact(json(payload))).toBe('[secret]');
    }
  });

  it('hides an object in a field that holds plain values', () => {
    expect(redact({ minValidityMs: { secret: 'CANARY' } })).toEqual({ minValidityMs: '[secret]' });
  });

  it('shows the words and texts of ours', () => {
    for (const text of [
      'sent',
      'unchanged',
      'reauthorized',
      'ACTIVITY_ID_NOT_STARTED',
      'next refresh of acme/klavi-2024-prod-eu-west-1',
      'refresh acme/tavio after generation 4 (due)',
      'acme/tavio (tavio)',
      'a request sent at 2026-11-20T21:00:00.000Z was never clearly answered',
      '    at credentialKeeper (/app/dist/workflows/credential-keeper.js:62:8)',
    ]) {
      expect(redact(text)).toBe(text);
    }
  });

  it('hides a lone word that is none of ours, and what looks like a token within a text', () => {
    expect(redact('hunter2')).toBe('[secret]');
    expect(redact('')).toBe('[secret]');
    for (const secret of [
      '4f9d2c7b1e8a6035d4c2b1a09f8e7d6c',
      'ya29.a0AfB_byC3xY1zQ2wE4rT5yU6iO7pA8s',
      '01a1fbde-fc2e-77bc-9727-7c6c1505baa5',
    ]) {
      expect(redact(`the answer was ${secret}, sorry`)).toBe('the answer was [secret], sorry');
    }
  });

  it('shows messages and stack traces of failures, and the current details', () => {
    const attributes = { message: 'refresh refused [code=invalid_grant]', stack_trace: 'at x (y)' };
    expect(redact(attributes)).toEqual(attributes);
    const metadata = {
      definition: { type: 'credentialKeeper', queryDefinitions: [{ name: 'token' }] },
      currentDetails: '**fresh** until 2026-11-20T21:00:00Z',
    };
    expect(redact(metadata)).toEqual(metadata);
  });
});
