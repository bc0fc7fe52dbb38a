import { describe, expect, it } from 'vitest';
import type { Token } from '../../src/contract/credential.js';
import { fairnessKey } from '../../src/policy/fairness-key.js';
import { refreshPriority } from '../../src/policy/refresh-priority.js';

const NOW = 1_800_000_000_000;
const MINUTE_MS = 60_000;

const lastFailure = {
  type: 'ClientRejectedError',
  code: 'invalid_client',
  provider: 'oauth2',
  atMs: NOW,
  action: 'repair the client',
} as const;

function token(leftMs: number): Token {
  return {
    value: 'a',
    tokenType: 'Bearer',
    issuedAtMs: NOW - 1_000,
    expiresAtMs: NOW + leftMs,
  };
}

function priority(leftMs: number, callers = 0): number {
  return refreshPriority({ state: { token: token(leftMs) }, reason: 'due', callers }, NOW);
}

describe('the priority of a refresh', () => {
  it('is the first where nobody can be served: no token yet, or an expired one', () => {
    expect(refreshPriority({ state: {}, reason: 'due', callers: 0 }, NOW)).toBe(1);
    expect(priority(0)).toBe(1);
    expect(priority(-MINUTE_MS)).toBe(1);
  });

  it('is the first where somebody waits, however long the token lives', () => {
    expect(priority(60 * MINUTE_MS, 1)).toBe(1);
    for (const reason of ['wanted', 'forced', 'forced-now'] as const) {
      expect(refreshPriority({ state: { token: token(MINUTE_MS) }, reason, callers: 0 }, NOW)).toBe(
        1,
      );
    }
  });

  it('is the last where the client is rejected and the token has ended, whoever waits, unless somebody asked for it', () => {
    const facts = { reason: 'due', callers: 0 } as const;
    for (const state of [{ lastFailure }, { lastFailure, token: token(-MINUTE_MS) }]) {
      expect(refreshPriority({ state, ...facts }, NOW)).toBe(5);
      expect(refreshPriority({ state, ...facts, callers: 1 }, NOW)).toBe(5);
      expect(refreshPriority({ state, ...facts, reason: 'forced' }, NOW)).toBe(1);
    }
  });

  it('is that of its life for a token that lives, although the client is rejected: only others’ grants may be', () => {
    const state = { lastFailure, token: token(MINUTE_MS) };
    expect(refreshPriority({ state, reason: 'due', callers: 0 }, NOW)).toBe(priority(MINUTE_MS));
  });

  it('falls with the life that is left, over the keys that the server has and no others', () => {
    const lives = [1, 40_000, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 48 * 60 * MINUTE_MS];
    expect(lives.map((leftMs) => priority(leftMs))).toEqual([2, 2, 3, 4, 5, 5]);
  });
});

describe('the fairness key of a refresh', () => {
  it('is the host that requests go to', () => {
    const tokenEndpoint = 'https://ID.acme.example:8443/oauth/token?a=b';
    expect(fairnessKey({ config: { tokenEndpoint, issuer: 'https://acme.example' } })).toBe(
      'id.acme.example:8443',
    );
    expect(fairnessKey({ config: { issuer: 'https://acme.example' } })).toBe('acme.example');
    expect(fairnessKey({ config: { baseUrl: 'https://api.klavi.example/' } })).toBe(
      'api.klavi.example',
    );
  });

  it('is none where the configuration names no host, or what may hold a secret', () => {
    expect(fairnessKey({ config: {} })).toBeUndefined();
    expect(fairnessKey({ config: { baseUrl: 7 } })).toBeUndefined();
    expect(fairnessKey({ config: { baseUrl: 'https://me:secret@acme.example' } })).toBeUndefined();
  });

  it('fits into what the server takes', () => {
    const host = `${'sub.'.repeat(30)}acme.example`;
    const key = fairnessKey({ config: { baseUrl: `https://${host}` } });
    expect(key).toHaveLength(64);
    expect(host.endsWith(key ?? '?')).toBe(true);
    const umlauts = fairnessKey({ config: { baseUrl: `https://${'ü'.repeat(60)}.example` } });
    expect(Buffer.byteLength(umlauts ?? '')).toBe(64);
  });
});
