import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { forceRefreshSignal } from '../../src/contract/message-definitions.js';
import { expiredToken, KeptCredentials, WIRES } from '../support/kept-credential.js';
import {
  Arrivals,
  cutAfterWork,
  cutBeforeWork,
  faithfully,
  hangAfterWork,
  hangBeforeWork,
  replyWith,
} from '../support/provider-scripts.js';
import { forceRequest } from '../support/requests.js';

// All keepers at once: most of their time they wait.
vi.setConfig({ maxConcurrency: 50, testTimeout: 90_000 });

const WHILE_IT_WAITS = { timeout: 60_000, interval: 200 };
const HTML = '<html><body><h1>Bad Gateway</h1></body></html>';
const FIVE_MEGABYTES = 'a'.repeat(5 * 1024 * 1024);

let credentials: KeptCredentials;
beforeAll(async () => {
  credentials = await KeptCredentials.open();
});
afterAll(() => credentials.close());

/** Whose documented error no framework answers by itself. */
function isDecisive(provider: string): boolean {
  return provider !== 'klavi' && provider !== 'tavio';
}

describe.concurrent('a provider that is away', () => {
  it('gets requests that back off, while the token is answered, until it is fresh', async ({
    expect,
  }) => {
    const arrivals = new Arrivals();
    const away = arrivals.of(replyWith({ status: 503 }));
    const kept = await credentials.start({
      scripts: [away, away, away, away, away, arrivals.of(faithfully)],
    });
    await expect
      .poll(async () => kept.token(), WHILE_IT_WAITS)
      .toMatchObject({ status: 'retrying', token: { value: 'seed' } });
    await expect
      .poll(async () => kept.token(), WHILE_IT_WAITS)
      .toMatchObject({ status: 'fresh', generation: 1 });
    expect(arrivals.gapsMs).toHaveLength(5);
    for (const [index, gapMs] of arrivals.gapsMs.entries()) {
      expect(gapMs).toBeGreaterThan(0.75 * 1_000 * 2 ** index);
    }
  });

  it('gets a request again that it let hang, after the deadline', async ({ expect }) => {
    const kept = await credentials.start({ scripts: [hangBeforeWork] });
    await expect
      .poll(async () => kept.token(), WHILE_IT_WAITS)
      .toMatchObject({ status: 'retrying', token: { value: 'seed' } });
    expect(kept.standIn.requests).toHaveLength(1);
    await expect
      .poll(async () => kept.token(), WHILE_IT_WAITS)
      .toMatchObject({ status: 'fresh', generation: 1 });
    expect(kept.failureCodes()).toEqual(['deadline_exceeded']);
  });
});

describe.concurrent('a Retry-After', () => {
  it('holds back a forced refresh until it is over', async ({ expect }) => {
    const arrivals = new Arrivals();
    const throttled = replyWith({ status: 429, headers: { 'retry-after': '6' } });
    const kept = await credentials.start({
      scripts: [arrivals.of(throttled), arrivals.of(faithfully)],
    });
    await kept.pendingFailure();
    await kept.force();
    expect((await kept.fresh()).generation).toBe(1);
    expect(kept.failureCodes()).toEqual(['http_429', 'held_back']);
    // Less than six seconds, since an attempt's clock is late by its wait for a worker.
    expect(arrivals.gapsMs).toEqual([expect.toSatisfy((gapMs: number) => gapMs > 3_000)]);
  });

  it('is overridden by an operator who says so', async ({ expect }) => {
    const throttled = replyWith({ status: 429, headers: { 'retry-after': '3600' } });
    const kept = await credentials.start({ scripts: [throttled] });
    await kept.pendingFailure();
    await kept.keeper.signal(forceRefreshSignal, forceRequest({ cuts: 'retry-after' }));
    expect((await kept.fresh()).generation).toBe(1);
  });
});

const USELESS_ANSWERS = [
  ['a cut connection', cutBeforeWork(), 'TransientRefreshError', 'connection_lost'],
  ['a page', replyWith({ body: HTML }), 'TransientRefreshError', 'no_token_in_answer'],
  [
    'a page with 400',
    replyWith({ status: 400, body: HTML }),
    'UnconfirmedRefreshError',
    'http_400',
  ],
  ['a page with 502', replyWith({ status: 502, body: HTML }), 'TransientRefreshError', 'http_502'],
  [
    'an error with 200',
    replyWith({ body: '{"error":"temporarily_unavailable"}' }),
    'TransientRefreshError',
    'temporarily_unavailable',
  ],
  ['an empty answer', replyWith({}), 'TransientRefreshError', 'no_token_in_answer'],
  [
    'a truncated token',
    replyWith({ body: '{"access_token":"half' }),
    'TransientRefreshError',
    'no_token_in_answer',
  ],
  [
    'an answer that breaks off',
    replyWith({ headers: { 'content-length': '1000' }, body: '{"access_token":"half' }),
    'TransientRefreshError',
    'connection_lost',
  ],
  [
    'an answer of 5 MB',
    replyWith({ body: `{"access_token":"${FIVE_MEGABYTES}"}` }),
    'TransientRefreshError',
    'answer_too_large',
  ],
] as const;

describe.concurrent('a useless answer', () => {
  it.for(USELESS_ANSWERS)(
    'that is %s is shown as a failed attempt, and the request is made again',
    async ([, answer, type, code], { expect }) => {
      // Three in a row, so that the wait for the next is long enough to be seen; a request that may still run is waited out.
      const times = code === 'connection_lost' || code === 'http_502' ? 1 : 3;
      const kept = await credentials.start({
        scripts: Array.from({ length: times }, () => answer),
      });
      expect(await kept.pendingFailure()).toMatchObject({
        type,
        details: [{ provider: 'oauth2', code }],
      });
      expect(await kept.token()).toMatchObject({ generation: 0, token: { value: 'seed' } });
      await expect.poll(async () => kept.token(), WHILE_IT_WAITS).toMatchObject({ generation: 1 });
      expect(kept.failureCodes()).toEqual(Array.from({ length: times }, () => code));
      expect(kept.standIn.spent).toEqual([kept.refreshToken]);
    },
  );
});

/** What each provider documents of a 400. */
const DOCUMENTED_REFUSALS: Readonly<Record<keyof typeof WIRES, object>> = {
  abitmedia: { success: false, status: 400, message: 'Token de refresco inválido o expirado' },
  klavi: { statusCode: 400, error: 'Bad Request', message: 'Invalid token' },
  oauth2: { error: 'invalid_grant', error_description: 'refresh token is revoked' },
  'oracle-commerce': { message: 'Token inválido', status: '400', errorCode: '10002' },
  tavio: { status: 400, error: 'Bad Request', message: 'Invalid', path: '/', timestamp: 'now' },
  'vmware-csp': { moduleCode: 340, message: 'invalid_grant: Invalid refresh token: echo' },
};

describe.concurrent('a refusal for good', () => {
  it.for(['klavi', 'tavio'] as const)(
    'by %s is not believed while the token lives where any framework would answer the same',
    async (provider, { expect }) => {
      const body = JSON.stringify(DOCUMENTED_REFUSALS[provider]);
      const kept = await credentials.start({
        provider,
        scripts: [replyWith({ status: 400, body }), replyWith({ status: 400, body })],
      });
      expect((await kept.fresh()).generation).toBe(1);
      expect(kept.failureCodes()).toEqual(['http_400', 'http_400']);
    },
  );

  it.for(Object.keys(WIRES).filter(isDecisive) as (keyof typeof WIRES)[])(
    'by %s ends the keeper as Failed with a readable reason, and the token is still answered',
    async (provider, { expect }) => {
      const body = JSON.stringify(DOCUMENTED_REFUSALS[provider]);
      const kept = await credentials.start({
        provider,
        scripts: [replyWith({ status: 400, body })],
      });
      const failure = await kept.finalFailure();
      expect(failure.type).toBe('PermanentRefreshError');
      expect(failure.message).toMatch(
        /^no token \[provider=[a-z0-9-]+, code=\w+, status=400\]: .* evertoken reauthorize kept\/\d+ -f FILE$/,
      );
      expect(failure.details).toMatchObject([{ provider, httpStatus: 400 }]);
      expect((await kept.keeper.describe()).status.name).toBe('FAILED');
      expect(await kept.rawFinalFailure()).toMatchObject({
        message: 'Encoded failure',
        stackTrace: '',
        applicationFailureInfo: { type: 'PermanentRefreshError' },
      });
      expect(await kept.token()).toMatchObject({ status: 'failed', token: { value: 'seed' } });
    },
  );

  it('may come with status 200', async ({ expect }) => {
    const kept = await credentials.start({
      scripts: [replyWith({ body: '{"error":"bad_refresh_token"}' })],
    });
    expect((await kept.finalFailure()).details).toMatchObject([{ code: 'bad_refresh_token' }]);
  });

  it.for([
    ['cut', cutAfterWork()],
    ['let hang', hangAfterWork()],
  ] as const)(
    'after a request that was %s is told from a revoked grant',
    async ([, lost], { expect }) => {
      const kept = await credentials.start({ scripts: [lost] });
      const failure = await kept.finalFailure();
      expect(failure.type).toBe('PermanentRefreshError');
      expect(failure.message).toMatch(/since \S+ a request may have spent the material/);
      expect(failure.details).toMatchObject([{ code: 'outcome_unknown' }]);
    },
  );

  it('does not come while the provider’s grace for spent material lasts', async ({ expect }) => {
    const kept = await credentials.start({
      scripts: [cutAfterWork()],
      rotation: { graceMs: 60_000 },
    });
    await expect.poll(async () => kept.token(), WHILE_IT_WAITS).toMatchObject({ generation: 1 });
    expect(kept.standIn.requests).toHaveLength(2);
  });
});

describe.concurrent('a token that renews only itself', () => {
  const OWN_TOKEN = ['klavi', 'oracle-commerce', 'tavio'] as const;
  const material = { accessToken: 'unknown-to-the-provider' };

  it.for(OWN_TOKEN)(
    'is tried again after a 401 of %s while it lives',
    async (provider, { expect }) => {
      const kept = await credentials.start({ provider, material });
      expect(await kept.pendingFailure()).toMatchObject({
        type: 'TransientRefreshError',
        details: [{ httpStatus: 401 }],
      });
      expect(await kept.token()).toMatchObject({ generation: 0, token: { value: 'seed' } });
    },
  );

  it.for(OWN_TOKEN)(
    'is beyond renewal after a 401 of %s once it has expired',
    async (provider, { expect }) => {
      const kept = await credentials.start({ provider, material, token: expiredToken() });
      expect(await kept.finalFailure()).toMatchObject({
        type: 'PermanentRefreshError',
        details: [{ code: 'beyond_renewal', httpStatus: 401 }],
      });
    },
  );
});
