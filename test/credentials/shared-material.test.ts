import { describe, expect, it } from 'vitest';
import { CredentialsFileError } from '../../src/credentials/credentials-file-error.js';
import { parseCredentials } from '../../src/credentials/load-credentials.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';

const TOKEN = 'canary-refresh-token';
const NOW_MS = Date.parse('2026-11-20T20:00:00Z');

/** What is wrong with a file of these entries; empty if nothing is. */
function problemsOf(...entries: readonly object[]): string {
  try {
    parseCredentials(JSON.stringify({ credentials: entries }, null, 1), 'f', {
      providers: createProviderRegistry(builtInProviders),
      env: { CRM_TOKEN: TOKEN, SAME_TOKEN: TOKEN },
      readSecretFile: () => TOKEN,
      nowMs: NOW_MS,
    });
    return '';
  } catch (error) {
    if (error instanceof CredentialsFileError) return error.message;
    throw error;
  }
}

const crm = (id: string, refreshToken: unknown, config: object = {}): object => ({
  id,
  provider: 'oauth2',
  config: {
    clientId: 'c',
    tokenEndpoint: 'https://login.example/token',
    clientAuthentication: 'none',
    ...config,
  },
  material: { refreshToken },
});

describe('one single-use token under two ids of a file', () => {
  it.each([
    ['the same variable', { $env: 'CRM_TOKEN' }],
    ['a variable of the same value', { $env: 'SAME_TOKEN' }],
    ['a file of the same value', { $file: 'token' }],
    ['the value itself', TOKEN],
  ])('is refused where the second has %s, and both ids are named but no value', (_what, copy) => {
    const problems = problemsOf(crm('acme/crm', { $env: 'CRM_TOKEN' }), crm('acme/copy', copy));
    expect(problems).toMatch(
      /^f:\d+: credential acme\/copy, field material\.refreshToken: is the same as of credential acme\/crm/,
    );
    expect(problems.split('\n')).toHaveLength(1);
    expect(problems).not.toContain(TOKEN);
  });

  it('is refused also where only one of the two says that a refresh spends it', () => {
    const other = crm('acme/copy', TOKEN, { rotates: false });
    expect(problemsOf(crm('acme/crm', TOKEN), other)).toContain('credential acme/copy');
    expect(problemsOf(other, crm('acme/crm', TOKEN))).toContain('credential acme/crm');
  });

  it('is reported beside all else that is wrong with the file', () => {
    const problems = problemsOf(crm('a', TOKEN), { id: 'b', provider: 'odd' }, crm('c', TOKEN));
    expect(problems).toContain('credential b, field provider');
    expect(problems).toContain('credential c, field material.refreshToken');
  });

  it('is told once, as a repeated id, where the ids are the same too', () => {
    const problems = problemsOf(crm('a', TOKEN), crm('a', TOKEN));
    expect(problems).toContain('is used twice in this file');
    expect(problems.split('\n')).toHaveLength(1);
  });
});

describe('one token that no refresh spends', () => {
  it('may be shared by as many ids as like, in the file or on the worker', () => {
    const lasting = { rotates: false };
    expect(problemsOf(crm('a', TOKEN, lasting), crm('b', TOKEN, lasting))).toBe('');
    const csp = (id: string): object => ({
      id,
      provider: 'vmware-csp',
      material: { apiToken: { $workerEnv: 'EVERTOKEN_SECRET_CSP' } },
    });
    expect(problemsOf(csp('a'), csp('b'))).toBe('');
  });

  it('may have the value of a token of another provider', () => {
    const abitmedia = { id: 'b', provider: 'abitmedia', material: { refreshToken: TOKEN } };
    expect(problemsOf(crm('a', TOKEN), abitmedia)).toBe('');
  });
});
