import { describe, expect, it } from 'vitest';
import type { CredentialSpec, Json, Token, TokenFacts } from '../../src/contract/credential.js';
import type { FailureSummary } from '../../src/contract/failures.js';
import type { KeeperInput, KeeperState } from '../../src/contract/keeper.js';
import type { ApplyRequest, StatusAnswer, TokenAnswer } from '../../src/contract/messages.js';
import { redact } from '../../src/contract/redaction.js';
import type { RefreshRequest, RefreshResult } from '../../src/contract/refresh-activity.js';

const ACCESS = 'CANARY-access';
const REFRESH = 'CANARY-refresh';
const PRINT = 'CANARY-fingerprint';

const tokenFacts: TokenFacts = {
  tokenType: 'Bearer',
  issuedAtMs: 1,
  expiresAtMs: 2,
  scope: 'read write',
  extras: { id_token: 'CANARY-id', nested: ['CANARY-list', 7] },
};
const token: Token = { value: ACCESS, ...tokenFacts };
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
  generation: 4,
  epoch: 1,
  application: 1_700_000_000_000,
  earlierLogins: [{ lineage: PRINT, replacedAtMs: 4 }],
  journalId: '01a1fbde-fc2e-77bc-9727-7c6c1505baa5',
  status: 'fresh',
  spec,
  token,
  nextRefreshAtMs: 5,
  pendingForce: { requestedAtMs: 6, generation: 4, cuts: 'backoff' },
  failureStreak: 0,
  lastFailure: failure,
  actedOnMs: [7],
};
const request: RefreshRequest = {
  credentialId: 'acme/tavio',
  provider: 'tavio',
  config: spec.config,
  material: spec.material,
  timing: spec.timing,
  lineage: PRINT,
  epoch: 1,
  earlierLogins: [],
  application: 1_700_000_000_000,
  generation: 4,
  currentToken: tokenFacts,
  reason: 'due',
};
const result: RefreshResult = {
  credentialId: 'acme/tavio',
  lineage: PRINT,
  earlierLogins: [{ lineage: PRINT, replacedAtMs: 4 }],
  application: 1,
  waitedMs: 0,
  refreshLeadMs: 30_000,
  journalId: 'journal-1',
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
  awaitsRefresh: true,
  forcePending: false,
  failureStreak: 2,
  materialExpiresAtMs: 8,
  lastFailure: failure,
};
const application: ApplyRequest = {
  spec,
  application: 1_700_000_000_000,
  useSearchAttributes: true,
};
const input: KeeperInput = { apply: application, state, useSearchAttributes: true };

/** As the data converter would carry it. */
const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as Json;

describe('redact', () => {
  it('hides every secret of every object that carries one, and shows the rest', () => {
    for (const payload of [input, state, application, request, result, tokenAnswer]) {
      const shown = JSON.stringify(redact(json(payload)));
      expect(shown).not.toContain('CANARY');
      expect(shown.length).toBeGreaterThan(100);
    }
  });

  it('shows names of secret fields and all that is not secret', () => {
    expect(redact(json(application))).toEqual({
      ...application,
      spec: {
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
      },
    });
  });

  it('leaves objects without secrets as they are', () => {
    for (const payload of [
      status,
      failure,
      { status: 'stopped', generation: 3 },
      { unusableGeneration: 3, cuts: 'retry-after', wantedAtMs: 7 },
      { minValidityMs: 60_000, generation: 3, afterGeneration: 2 },
      { from: 'journal-1', to: 'journal-2', wantedAtMs: 7 },
      { sentWithJournal: 'journal-1' },
      null,
    ]) {
      expect(redact(json(payload))).toEqual(payload);
    }
  });

  it('hides a secret value also where it appears in another field', () => {
    const leaky = { ...spec, config: { note: `was ${ACCESS}, now other` }, id: REFRESH };
    const shown = redact(json({ ...application, spec: leaky }));
    expect(shown).toMatchObject({ spec: { id: '[secret]', config: { note: '[secret]' } } });
  });

  it('hides what a configuration holds by mistake: secrets by their name, and the query of an address', () => {
    const config = {
      extraParameters: { client_secret: 'hunter2', audience: 'https://api.example' },
      tokenEndpoint: 'https://id.example/token?code=hunter2',
      apiKey: ['hunter2'],
      password: 'hunter2',
    };
    expect(redact(json({ ...application, spec: { ...spec, config } }))).toMatchObject({
      spec: {
        config: {
          extraParameters: { client_secret: '[secret]', audience: 'https://api.example' },
          tokenEndpoint: 'https://id.example/token?[secret]',
          apiKey: ['[secret]'],
          password: '[secret]',
        },
      },
    });
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

  it('hides whole what has a value of another type than its field', () => {
    for (const minValidityMs of [{ secret: 'CANARY' }, 'CANARY', ['CANARY'], null]) {
      expect(redact({ minValidityMs, generation: 1 })).toBe('[secret]');
    }
    expect(redact(json({ ...status, status: 'CANARY' }))).toBe('[secret]');
  });

  it('shows the words and texts of ours', () => {
    for (const text of [
      'unchanged',
      'reauthorized',
      'ACTIVITY_ID_NOT_STARTED',
      'next refresh of acme/klavi-2024-prod-eu-west-1',
      'refresh acme/tavio after generation 4 (due)',
      'acme/tavio (tavio)',
      'since 2026-11-20T21:00:00.000Z a request may have spent the material',
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
