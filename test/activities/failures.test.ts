import { afterEach, describe, expect, it, vi } from 'vitest';
import { keeperWorkflowId } from '../../src/contract/names.js';
import type { RefreshRequest } from '../../src/contract/refresh-activity.js';
import { HTTP_DEADLINE_MS, IN_DOUBT_GRACE_MS } from '../../src/policy/attempt-numbers.js';
import { fingerprintOf } from '../../src/providers/fingerprint.js';
import { WireError } from '../../src/providers/wire-error.js';
import {
  abitmediaRefusal,
  abitmediaTokens,
  answerOf,
  askedByKeeperOf,
  journalEntry,
  LOGIN,
  OTHER_INTENT,
  RefreshRig,
  SCHEDULED_AT,
} from '../support/refresh-rig.js';

const page = '<html><body>502 Bad Gateway</body></html>';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what an answer without a token becomes', () => {
  it.each([
    ['a 503', answerOf(503, page), 'TransientRefreshError', 'http_503'],
    ['a 429', answerOf(429, {}), 'TransientRefreshError', 'http_429'],
    ['a page with 200', answerOf(200, page), 'TransientRefreshError', 'no_token_in_answer'],
    ['an empty 200', answerOf(200, ''), 'TransientRefreshError', 'no_token_in_answer'],
    [
      'a truncated 200',
      answerOf(200, '{"accessTok'),
      'TransientRefreshError',
      'no_token_in_answer',
    ],
    ['a page with 400', answerOf(400, page), 'UnconfirmedRefreshError', 'http_400'],
    ['a page with 404', answerOf(404, page), 'UnconfirmedRefreshError', 'http_404'],
    ['a 502', answerOf(502, page), 'TransientRefreshError', 'http_502'],
    ['a redirect', answerOf(302, '', { location: '/' }), 'TransientRefreshError', 'http_302'],
    ['a documented 400', abitmediaRefusal(), 'PermanentRefreshError', '400'],
  ])('is decided for %s', async (_name, answer, type, code) => {
    const rig = new RefreshRig();
    rig.answer = () => answer;
    const failure = await rig.failure();
    expect(failure.type).toBe(type);
    expect(failure.details[0]).toMatchObject({ code, httpStatus: answer.status });
    expect(failure.nonRetryable).toBe(type === 'PermanentRefreshError');
  });

  it('is counted by its status where the code is a number, since a provider may make up many', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(400, { error: '83726151' });
    const failure = await rig.failure(oauth2());
    expect(failure.details[0].code).toBe('83726151');
    expect(rig.counted).toEqual([`failed oauth2 ${failure.type} http_400`]);
  });

  it('is a rejected client for invalid_client, which is decided and not retried by the server', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(401, { error: 'invalid_client' });
    const failure = await rig.failure(oauth2());
    expect(failure).toMatchObject({ type: 'ClientRejectedError', nonRetryable: true });
    expect(failure.nextRetryDelay).toBeUndefined();
  });

  it('is the provider’s own refusal also with status 200, and leaves nothing in doubt', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(200, { error: 'bad_refresh_token' });
    const failure = await rig.failure(oauth2());
    expect(failure.type).toBe('PermanentRefreshError');
    expect(failure.details[0].code).toBe('bad_refresh_token');
    expect(failure.details[0].doubtSinceMs).toBeUndefined();
  });

  it('holds a rejected client back as long as the provider asks', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(401, { error: 'invalid_client' }, { 'retry-after': '1800' });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    await rig.failure(oauth2());
    const holdUntilMs = rig.journal.writes.at(-1)?.setback?.holdUntilMs ?? 0;
    expect(holdUntilMs - SCHEDULED_AT).toBeGreaterThanOrEqual(1_830_000);
    const held = await rig.failure(oauth2());
    expect(held.type).toBe('RetryAfterHoldError');
    expect(rig.sent).toHaveLength(1);
  });

  it('lets a force pass an old wait only once: what the provider asks for then holds it back', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(429, {}, { 'retry-after': '90' });
    await rig.failure({ reason: 'forced-now' });
    const second = await rig.failure({ reason: 'forced-now' }, { attempt: 2 });
    expect(second.type).toBe('RetryAfterHoldError');
  });

  it('waits as long as the provider asks, in seconds or until a date', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(429, {}, { 'retry-after': '90' });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    expect((await rig.failure()).nextRetryDelay).toBe(94_500);
    expect(rig.journal.writes.at(-1)?.setback).toMatchObject({ count: 1, askedByProvider: true });
  });

  it('holds a Retry-After longer by the time that the attempt waited for a worker, by the server’s word alone', async () => {
    const held = async (clockAheadMs: number, waitedMs?: number): Promise<number> => {
      const rig = new RefreshRig();
      rig.answer = () => answerOf(429, {}, { 'retry-after': '4' });
      const scheduledAt = Date.now() - clockAheadMs;
      if (waitedMs !== undefined) rig.serverStartMs = scheduledAt + waitedMs;
      await rig.failure({}, { scheduledAt });
      return (rig.journal.writes.at(-1)?.setback?.holdUntilMs ?? 0) - scheduledAt;
    };
    expect(await held(5_000, 5_000)).toBeGreaterThanOrEqual(9_000);
    for (const aheadMs of [3_600_000, -3_600_000]) {
      expect(await held(aheadMs, 0)).toBeLessThan(5_000);
      expect(await held(aheadMs)).toBeLessThan(5_000);
    }
  });

  it('waits for a request that the provider may be at work on from when it was sent, also if its attempt had waited for a worker', async () => {
    const scheduledAt = Date.now() - 60_000;
    for (const serverStartMs of [scheduledAt + 60_000, undefined]) {
      const rig = new RefreshRig();
      rig.serverStartMs = serverStartMs;
      rig.answer = () => answerOf(504, '');
      await rig.failure({}, { scheduledAt });
      rig.answer = () => abitmediaTokens(6);
      const later = { scheduledAt: scheduledAt + 61_000 };
      const second = await rig.failure({ reason: 'forced-now' }, later);
      expect(second.type).toBe('AwaitingAnswerError');
      expect(rig.sent).toHaveLength(1);
    }
  });

  it('waits once for an open request that was recorded while the server’s clock ran a day ahead', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(504, '');
    await rig.failure({}, { scheduledAt: SCHEDULED_AT + 86_400_000 });
    rig.answer = () => abitmediaTokens(6);
    rig.serverStartMs = SCHEDULED_AT;
    const forced: Partial<RefreshRequest> = { reason: 'forced-now' };
    const waits = await rig.failure(forced, { scheduledAt: SCHEDULED_AT });
    expect(waits.type).toBe('AwaitingAnswerError');
    const later = { scheduledAt: SCHEDULED_AT + HTTP_DEADLINE_MS + 2 * IN_DOUBT_GRACE_MS };
    expect(await rig.attempt(forced, later)).toMatchObject({ generation: 6 });
  });

  it('waits for nothing beyond the end of a token that renews only itself', async () => {
    const rig = new RefreshRig();
    const selfRenewing: Partial<RefreshRequest> = {
      provider: 'oracle-commerce',
      config: { baseUrl: 'https://store.example' },
      material: { accessToken: 'access-5' },
      currentToken: {
        tokenType: 'Bearer',
        issuedAtMs: SCHEDULED_AT - 280_000,
        expiresAtMs: SCHEDULED_AT + 20_000,
      },
    };
    rig.journal.failsToRead = true;
    const unread = await rig.failure(selfRenewing, { attempt: 7 });
    expect(unread.type).toBe('JournalUnavailableError');
    expect(unread.nextRetryDelay).toBeLessThan(7_000);

    rig.journal.failsToRead = false;
    rig.perHost = 0;
    const full = await rig.failure(selfRenewing, { attempt: 7 });
    expect(full.type).toBe('TurnAwaitedError');
    expect(full.nextRetryDelay).toBeLessThan(7_000);
  });

  it('goes on backing off where an earlier execution stopped', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(503, page);
    for (const expectedMs of [1_000, 2_000, 4_000, 8_000]) {
      const failure = await rig.failure({ reason: 'forced' });
      expect(failure.nextRetryDelay).toBeGreaterThanOrEqual(expectedMs * 0.8);
      expect(failure.nextRetryDelay).toBeLessThanOrEqual(expectedMs);
    }
  });

  it('holds a new execution back while the wait of the old one lasts, but not a forced one', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(503, page);
    await rig.failure();
    const { holdUntilMs = 0 } = rig.journal.writes.at(-1)?.setback ?? {};
    const held = await rig.failure();
    expect(held.type).toBe('RetryAfterHoldError');
    expect(held.nextRetryDelay).toBeLessThanOrEqual(holdUntilMs - SCHEDULED_AT);
    expect(rig.sent).toHaveLength(1);
    expect((await rig.failure({ reason: 'forced' })).type).toBe('TransientRefreshError');
    expect(rig.sent).toHaveLength(2);
  });

  it('holds a forced execution back while a wait lasts that it met itself, whichever run repeats it, and no other one', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(429, page, { 'retry-after': '600' });
    const forced: Partial<RefreshRequest> = { reason: 'forced-now' };
    await rig.failure(forced);
    const keeper = askedByKeeperOf({ credentialId: 'acme/shop' });
    const workflowId = keeperWorkflowId('acme/shop');
    const askedBy = { ...keeper, workflowExecution: { workflowId, runId: 'other-run' } };
    for (const retry of [{ attempt: 2 }, { attempt: 2, askedBy }]) {
      expect((await rig.failure(forced, retry)).type).toBe('RetryAfterHoldError');
    }
    expect(rig.sent).toHaveLength(1);
    expect((await rig.failure(forced)).type).toBe('TransientRefreshError');
    expect(rig.sent).toHaveLength(2);
  });
});

/** Without a token that lives there is nothing to lose. */
const EXPIRED = {
  currentToken: { value: 'a', tokenType: 'Bearer', issuedAtMs: 0, expiresAtMs: SCHEDULED_AT },
};

describe('an unconfirmed refusal', () => {
  const unconfirmed = async (
    rig: RefreshRig,
    count: number,
    atMs: number,
    token: Partial<RefreshRequest> = EXPIRED,
  ): Promise<string[]> => {
    const types: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const attempt = await rig.failure({ reason: 'forced', ...token }, { scheduledAt: atMs });
      types.push(attempt.type);
    }
    return types;
  };

  it('is believed after five in a row over at least two minutes', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(404, page);
    expect(await unconfirmed(rig, 6, SCHEDULED_AT)).not.toContain('PermanentRefreshError');
    const late = await unconfirmed(rig, 1, SCHEDULED_AT + 121_000);
    expect(late).toEqual(['PermanentRefreshError']);
    // A corrected address starts with a clean count.
    expect(rig.journal.entries.get('acme/shop')?.unconfirmed).toBeUndefined();
  });

  it('is not believed while the token lives, however often it comes: the fleet would end for a gateway’s page', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(404, { statusCode: 404, error: 'Not Found', message: 'Not Found' });
    const value = { value: 'a', tokenType: 'Bearer', issuedAtMs: SCHEDULED_AT };
    const alive = { currentToken: { ...value, expiresAtMs: SCHEDULED_AT + 3_600_000 } };
    const types = [
      ...(await unconfirmed(rig, 6, SCHEDULED_AT, alive)),
      ...(await unconfirmed(rig, 6, SCHEDULED_AT + 600_000, alive)),
    ];
    expect(new Set(types)).toEqual(new Set(['UnconfirmedRefreshError']));
    const ended = await unconfirmed(rig, 1, SCHEDULED_AT + 3_600_001, alive);
    expect(ended).toEqual(['PermanentRefreshError']);
  });

  it('is counted anew with other settings: a corrected address is not ended by the answers of a wrong one', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(404, page);
    await unconfirmed(rig, 6, SCHEDULED_AT);
    const corrected = { ...EXPIRED, config: { encoding: 'form' }, application: 2_000 };
    const types = await unconfirmed(rig, 4, SCHEDULED_AT + 121_000, corrected);
    expect(new Set(types)).toEqual(new Set(['UnconfirmedRefreshError']));
  });

  it('is counted anew after any other answer', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(404, page);
    await unconfirmed(rig, 4, SCHEDULED_AT);
    rig.answer = () => answerOf(503, page);
    await rig.failure({ reason: 'forced' });
    rig.answer = () => answerOf(404, page);
    const later = await unconfirmed(rig, 4, SCHEDULED_AT + 300_000);
    expect(later).not.toContain('PermanentRefreshError');
  });
});

/** When a request of the first attempt is surely over. */
const OVER_AT = SCHEDULED_AT + HTTP_DEADLINE_MS + IN_DOUBT_GRACE_MS + 1_000;

describe('a request whose answer never came', () => {
  it.each([
    ['a cut connection', new WireError('connection_lost', true), true],
    ['a deadline', new WireError('deadline_exceeded', true), true],
    ['an answer that is too large', new WireError('answer_too_large', true), true],
    ['a refused connection', new WireError('not_connected', false), false],
  ])(
    'is retried after %s and remembered as in doubt only if it went out',
    async (_n, error, doubt) => {
      const rig = new RefreshRig();
      rig.answer = () => Promise.reject(error);
      const failure = await rig.failure();
      expect(failure).toMatchObject({ type: 'TransientRefreshError', nonRetryable: false });
      expect(failure.details[0].code).toBe(error.code);
      rig.answer = abitmediaRefusal;
      const refused = await rig.failure({ reason: 'forced' }, { scheduledAt: OVER_AT });
      expect(refused.details[0].code).toBe(doubt ? 'outcome_unknown' : '400');
    },
  );

  it.each([
    ['a cut connection', () => Promise.reject(new WireError('connection_lost', true))],
    ['a gateway that gave up', () => answerOf(504, page)],
  ])('is not sent again after %s before its time is over, whoever asks', async (_name, answer) => {
    const rig = new RefreshRig();
    rig.answer = answer;
    // Less what the attempt itself took.
    expect((await rig.failure()).nextRetryDelay).toBeGreaterThan(OVER_AT - SCHEDULED_AT - 5_000);
    const forced = await rig.failure({ reason: 'forced-now' }, { scheduledAt: OVER_AT - 2_000 });
    expect(forced.details[0].code).toBe('request_may_be_open');
    expect(rig.sent).toHaveLength(1);
  });

  it('does not make a gateway’s 404 a refusal of the material: the keeper ends with the code that says to check the address', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(504, page);
    await rig.failure(EXPIRED);
    rig.answer = () => answerOf(404, page);
    let last = '';
    for (const later of [0, 30_000, 60_000, 90_000, 125_000]) {
      const scheduledAt = OVER_AT + later;
      const failure = await rig.failure({ reason: 'forced', ...EXPIRED }, { scheduledAt });
      last = `${failure.type} ${failure.details[0].code}`;
    }
    expect(last).toBe('PermanentRefreshError http_404');
    // The doubt itself stays: a later refusal of the material is told as what it may be.
    expect(rig.journal.entries.get('acme/shop')?.doubt).toBeDefined();
    rig.answer = abitmediaRefusal;
    const refused = await rig.failure({ reason: 'forced' }, { scheduledAt: OVER_AT + 200_000 });
    expect(refused.details[0].code).toBe('outcome_unknown');
  });

  it('does not make a refused scope a refusal of the material', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(504, page);
    await rig.failure(oauth2());
    rig.answer = () => answerOf(400, { error: 'invalid_scope' });
    const refused = await rig.failure(oauth2(), { scheduledAt: OVER_AT });
    expect(refused).toMatchObject({
      type: 'PermanentRefreshError',
      details: [{ code: 'invalid_scope' }],
    });
  });

  it('is no longer in doubt once a token came', async () => {
    const rig = new RefreshRig();
    rig.answer = () => Promise.reject(new WireError('connection_lost', true));
    await rig.failure();
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt({ reason: 'forced' }, { scheduledAt: OVER_AT });
    expect(rig.journal.entries.get('acme/shop')?.doubt).toBeUndefined();
  });

  it('is a misconfigured worker when the host is not allowed', async () => {
    const rig = new RefreshRig();
    rig.answer = () => Promise.reject(new WireError('destination_refused', false));
    expect((await rig.failure()).type).toBe('WorkerMisconfiguredError');
  });
});

describe('the log line of an attempt that sent nothing', () => {
  const lines = (rig: RefreshRig): readonly unknown[] =>
    rig.logged.map((line) => JSON.parse(line) as unknown);

  it('is at info, and calls nothing failed, while a wait is kept or an earlier request may be open', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(429, {}, { 'retry-after': '90' });
    await rig.failure();
    rig.logged.length = 0;
    expect((await rig.failure()).details[0].code).toBe('held_back');
    rig.journal.entries.set(
      'acme/shop',
      journalEntry({ intent: { ...OTHER_INTENT, fingerprint: LOGIN } }),
    );
    expect((await rig.failure()).details[0].code).toBe('request_may_be_open');
    expect(lines(rig)).toEqual(
      ['held_back', 'request_may_be_open'].map((failureCode) => ({
        level: 'info',
        message: 'refresh waits, and has sent nothing',
        facts: expect.objectContaining({ failureCode }) as unknown,
      })),
    );
  });

  it('is a warning where something is wrong', async () => {
    const rig = new RefreshRig();
    await rig.failure({ provider: 'unknown' });
    expect(lines(rig)).toMatchObject([
      {
        level: 'warn',
        message: 'refresh made no token',
        facts: { failureCode: 'unknown_provider' },
      },
    ]);
  });
});

describe('a look-up before the request', () => {
  const discovering = (): Partial<RefreshRequest> => ({
    ...oauth2(),
    config: {
      issuer: 'https://login.example',
      clientId: 'client',
      clientAuthentication: 'none',
    },
  });

  it('that may not be sent is a misconfigured worker, and no outage of the provider', async () => {
    const rig = new RefreshRig();
    rig.answer = () => Promise.reject(new WireError('destination_refused', false));
    const failure = await rig.failure(discovering());
    expect(failure.type).toBe('WorkerMisconfiguredError');
    expect(failure.details[0].code).toBe('destination_refused');
    expect(rig.journal.writes).toEqual([]);
  });

  it('that fails is tried again, and nothing is recorded', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(404, page);
    const failure = await rig.failure(discovering());
    expect(failure.type).toBe('TransientRefreshError');
    expect(failure.details[0].code).toBe('look_up_failed');
    expect(rig.journal.writes).toEqual([]);
  });
});

describe('a token that renews only itself', () => {
  const klavi = (expiresAtMs: number): Partial<RefreshRequest> => ({
    provider: 'klavi',
    material: { accessToken: 'access-5' },
    lineage: fingerprintOf('access-5'),
    reason: 'forced',
    currentToken: {
      tokenType: 'Bearer',
      issuedAtMs: SCHEDULED_AT - 1_000_000,
      expiresAtMs,
    },
  });

  it('is tried again after a 401 while it is valid, and beyond renewal once it has expired', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(401, { statusCode: 401, error: 'Unauthorized', message: 'no' });
    expect((await rig.failure(klavi(SCHEDULED_AT + 60_000))).type).toBe('TransientRefreshError');
    const failure = await rig.failure(klavi(SCHEDULED_AT - 1));
    expect(failure.type).toBe('PermanentRefreshError');
    expect(failure.details[0].code).toBe('beyond_renewal');
    expect(failure.details[0].action).toContain('evertoken reauthorize acme/shop');
  });
});

describe('a token of which nobody said how long it lives', () => {
  it.each([
    ['nothing of it', {}],
    // Doubted as milliseconds.
    ['what is not believed', { expires_in: 3_600_000 }],
  ])(
    'is not given up for a gateway’s 403 after its assumed end, where the answer says %s',
    async (_what, life) => {
      const rig = new RefreshRig();
      const oracle = { provider: 'oracle-commerce', config: { baseUrl: 'https://store.example' } };
      const first = { material: { accessToken: 'access-5' }, lineage: fingerprintOf('access-5') };
      rig.answer = () => answerOf(200, { access_token: 'access-6', ...life });
      const { token } = await rig.attempt({ ...oracle, ...first });
      const next = {
        ...oracle,
        ...first,
        material: { accessToken: 'access-6' },
        currentToken: token,
        generation: 6,
      };
      const later = { scheduledAt: token.expiresAtMs + 60_000 };
      rig.answer = () => answerOf(403, '<html><body>Request blocked</body></html>');
      expect((await rig.failure(next, later)).type).toBe('UnconfirmedRefreshError');
      rig.answer = () => answerOf(401, { message: 'no', status: '401', errorCode: '1' });
      const own = await rig.failure({ ...next, reason: 'forced' }, later);
      expect(own.details[0].code).toBe('beyond_renewal');
    },
  );
});

describe('a failure that crosses into Temporal', () => {
  const marker = 'CANARY-secret';

  it('holds no text of the provider and no foreign cause, wherever the secret was echoed', async () => {
    const echoes = [
      answerOf(400, { success: false, status: 400, message: marker, error: marker }),
      answerOf(400, { error: marker, error_description: marker }),
      answerOf(401, { error: 'invalid_client', error_description: marker }),
      answerOf(200, { error: marker }),
      answerOf(500, marker),
      answerOf(404, `<p>${marker}</p>`),
    ];
    for (const answer of echoes) {
      for (const overrides of [{}, oauth2()]) {
        const rig = new RefreshRig();
        rig.answer = () => answer;
        const failure = await rig.failure({ ...overrides, reason: 'forced' });
        expect(failure.cause).toBeUndefined();
        const crossed = [failure.message, JSON.stringify(failure.details), ...rig.logged];
        expect(crossed.join()).not.toContain(marker);
        expect(rig.counted.join()).not.toContain(marker);
      }
    }
  });

  it('keeps only the name of an error that nobody foresaw', async () => {
    const rig = new RefreshRig();
    rig.answer = () => Promise.reject(new TypeError(marker));
    const failure = await rig.failure();
    expect(failure).toMatchObject({ type: 'TransientRefreshError', nonRetryable: false });
    expect(failure.details[0].code).toBe('unexpected_error');
    expect([failure.message, ...rig.logged].join()).not.toContain(marker);
    expect(rig.logged.join()).toContain('TypeError');
  });
});

function oauth2(): Partial<RefreshRequest> {
  return {
    provider: 'oauth2',
    config: {
      tokenEndpoint: 'https://id.example/token',
      clientId: 'shop',
      clientAuthentication: 'client_secret_basic',
    },
    material: { refreshToken: 'refresh-5', clientSecret: 'secret' },
  };
}
