import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RefreshRequest } from '../../src/contract/refresh-activity.js';
import { datedToken } from '../../src/policy/adopted-token.js';
import { ASSERTION_DATED_BACK_MS } from '../../src/policy/attempt-numbers.js';
import { fingerprintOf } from '../../src/providers/fingerprint.js';
import {
  abitmediaTokens,
  answerOf,
  LOGIN,
  RefreshRig,
  SCHEDULED_AT,
} from '../support/refresh-rig.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Oracle's token of five minutes, which renews only itself, half way through its life. */
const SELF_RENEWING: Partial<RefreshRequest> = {
  provider: 'oracle-commerce',
  config: { baseUrl: 'https://store.example' },
  material: { accessToken: 'access-5' },
  lineage: fingerprintOf('access-5'),
  currentToken: {
    tokenType: 'Bearer',
    issuedAtMs: SCHEDULED_AT - 150_000,
    expiresAtMs: SCHEDULED_AT + 150_000,
  },
};

/** When the attempts of one refresh bring a token, each made when the failure of the one before said so. */
async function renewedAtMs(rig: RefreshRig): Promise<number> {
  let atMs = SCHEDULED_AT;
  for (let attempt = 1; attempt < 20; attempt += 1) {
    const outcome = await rig
      .attempt(SELF_RENEWING, { attempt, scheduledAt: atMs })
      .catch((error: unknown) => error as { readonly nextRetryDelay?: number });
    if ('token' in outcome) return atMs;
    rig.answer = () => answerOf(200, { access_token: 'access-6', expires_in: 300 });
    atMs += outcome.nextRetryDelay ?? 0;
  }
  return Number.POSITIVE_INFINITY;
}

function setWorkerClock(nowMs: number): void {
  vi.useFakeTimers({ now: nowMs, toFake: ['Date'] });
}

afterEach(() => vi.useRealTimers());

describe.each([
  ['says that it waited for nothing', SCHEDULED_AT],
  ['does not say', undefined],
])('a worker whose clock is ahead by a day, where the server %s', (_what, serverStartMs) => {
  it('does not hold a token that renews only itself back past its end for a Retry-After', async () => {
    setWorkerClock(SCHEDULED_AT + DAY_MS);
    const rig = new RefreshRig();
    rig.serverStartMs = serverStartMs;
    rig.answer = () => answerOf(503, '', { 'retry-after': '1' });
    expect((await renewedAtMs(rig)) - SCHEDULED_AT).toBeLessThan(150_000);
  });

  it.each([
    ['the provider took 15 s to answer', 15_000],
    ['the keeper saw the result 50 min later', 50 * MINUTE_MS],
  ])('lets no token be served past its end, where %s', async (_which, laterMs) => {
    setWorkerClock(SCHEDULED_AT + DAY_MS);
    const rig = new RefreshRig();
    rig.serverStartMs = serverStartMs;
    rig.answer = () => abitmediaTokens(6);
    const result = await rig.attempt();
    const { expiresAtMs } = datedToken(result, SCHEDULED_AT + laterMs);
    expect(expiresAtMs).toBe(result.token.expiresAtMs);
  });
});

describe('an assertion that a client signs', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const SIGNING: Partial<RefreshRequest> = {
    provider: 'oauth2',
    config: {
      tokenEndpoint: 'https://login.example/token',
      clientId: 'shop',
      clientAuthentication: 'private_key_jwt',
      signingAlgorithm: 'ES256',
    },
    material: {
      refreshToken: 'refresh-5',
      clientPrivateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  };

  /** The time of which it is dated back. */
  function datedAtMs({ sent: [request] }: RefreshRig): number {
    const assertion = new URLSearchParams(request?.body).get('client_assertion') ?? '';
    return Number(decodeJwt(assertion).iat) * 1_000 + ASSERTION_DATED_BACK_MS;
  }

  it.each([
    ['is ahead by five minutes', 5 * MINUTE_MS, 0],
    ['is behind by five minutes', -5 * MINUTE_MS, 0],
    ['is right, after a wait for a worker', 9 * MINUTE_MS, 9 * MINUTE_MS],
    ['is behind by ten minutes, after a wait for a worker', -1 * MINUTE_MS, 9 * MINUTE_MS],
  ])('is dated by the server’s clock where the worker’s %s', async (_which, offMs, waitedMs) => {
    setWorkerClock(SCHEDULED_AT + offMs);
    const rig = new RefreshRig();
    rig.serverStartMs = SCHEDULED_AT + waitedMs;
    rig.answer = () => answerOf(200, { access_token: 'access-6', expires_in: 3_600 });
    await rig.attempt(SIGNING);
    expect(Math.abs(datedAtMs(rig) - (SCHEDULED_AT + waitedMs))).toBeLessThan(5_000);
  });

  it('is dated by the worker’s clock where the server does not say what time it is', async () => {
    setWorkerClock(SCHEDULED_AT + 5 * MINUTE_MS);
    const rig = new RefreshRig();
    rig.answer = () => answerOf(200, { access_token: 'access-6', expires_in: 3_600 });
    await rig.attempt(SIGNING);
    expect(Math.abs(datedAtMs(rig) - (SCHEDULED_AT + 5 * MINUTE_MS))).toBeLessThan(5_000);
  });

  it('is dated so for a revocation, too', async () => {
    setWorkerClock(SCHEDULED_AT - 5 * MINUTE_MS);
    const rig = new RefreshRig();
    rig.serverStartMs = SCHEDULED_AT;
    const { config, material = {}, provider = '' } = SIGNING;
    await rig.revoke({
      credentialId: 'acme/shop',
      provider,
      config: { ...config, revocationEndpoint: 'https://login.example/revoke' },
      material,
      lineage: LOGIN,
      application: 1_000,
      generation: 5,
      wantedAtMs: SCHEDULED_AT,
    });
    expect(Math.abs(datedAtMs(rig) - SCHEDULED_AT)).toBeLessThan(5_000);
  });
});

describe('a token whose attempt waited for a worker', () => {
  it('lives from when the server started that attempt', async () => {
    setWorkerClock(SCHEDULED_AT + 10 * MINUTE_MS);
    const rig = new RefreshRig();
    rig.serverStartMs = SCHEDULED_AT + 9 * MINUTE_MS;
    rig.answer = () => abitmediaTokens(6);
    expect((await rig.attempt()).waitedMs).toBe(9 * MINUTE_MS);
  });

  it('is tried again before its end, although a Retry-After is longer than what is left of it', async () => {
    setWorkerClock(SCHEDULED_AT + 2 * MINUTE_MS);
    const rig = new RefreshRig();
    rig.serverStartMs = SCHEDULED_AT + 2 * MINUTE_MS;
    rig.answer = () => answerOf(503, '', { 'retry-after': '120' });
    await rig.failure(SELF_RENEWING);
    const holdUntilMs = rig.journal.entries.get('acme/shop')?.setback?.holdUntilMs ?? Infinity;
    expect(holdUntilMs - SCHEDULED_AT).toBeLessThan(150_000);
  });

  it('costs the server no question where the worker’s clock knows of no wait', async () => {
    setWorkerClock(SCHEDULED_AT + 900);
    const rig = new RefreshRig();
    rig.serverStartMs = SCHEDULED_AT + 900;
    rig.answer = () => abitmediaTokens(6);
    expect((await rig.attempt()).waitedMs).toBe(0);
  });
});
