import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TokenAnswer } from '../../src/contract/messages.js';
import { endedFromOutside } from '../../src/client/ended-keeper.js';
import { READ_AGAIN_MAX_MS, SWEPT_TOKENS_MIN } from '../../src/client/numbers.js';
import { TokenCache } from '../../src/client/token-cache.js';
import { TokenClient } from '../../src/client/token-client.js';
import { TokenError } from '../../src/client/token-error.js';
import type { TokenErrorCode } from '../../src/client/token-error.js';
import { watchedToken } from '../../src/keepers/watched-token.js';
import { answer, FakeKeepers } from './fake-keepers.js';

const HOUR_MS = 3_600_000;

function setUp(nowMs = 0) {
  const keepers = new FakeKeepers();
  const clock = { nowMs };
  return { keepers, clock, tokens: new TokenClient(keepers, () => clock.nowMs) };
}

const unavailable = async (): Promise<never> => {
  throw new TokenError('UNAVAILABLE', 'a', 'away');
};

/** An answer that comes when the test releases it. */
function held() {
  let release: (answer: TokenAnswer) => void = () => undefined;
  const promise = new Promise<TokenAnswer>((resolve) => (release = resolve));
  return { answer: promise, release };
}

describe('get', () => {
  it('asks once per token, however often it is called', async () => {
    const { keepers, tokens } = setUp();
    keepers.answers.set('a', answer(3, HOUR_MS));
    const first = await tokens.get('a');
    await tokens.get('a');
    expect(first).toEqual({
      id: 'a',
      token: 'token-3',
      tokenType: 'bearer',
      expiresAt: new Date(HOUR_MS),
      generation: 3,
      status: 'fresh',
    });
    expect([keepers.queries, keepers.updates.length]).toEqual([1, 0]);
  });

  it('lets 100 callers who need a fresh token share one query and one update', async () => {
    const { keepers, tokens } = setUp(HOUR_MS);
    keepers.answers.set('a', answer(1, HOUR_MS));
    const all = await Promise.all(Array.from({ length: 100 }, () => tokens.get('a')));
    expect(new Set(all.map(({ generation }) => generation))).toEqual(new Set([2]));
    expect([keepers.queries, keepers.updates.length]).toEqual([1, 1]);
  });

  it('lets go of dead tokens, however many credentials a process reads in its life', async () => {
    const keepers = new FakeKeepers();
    const clock = { nowMs: 0 };
    const cache = new TokenCache(() => clock.nowMs);
    const tokens = new TokenClient(keepers, () => clock.nowMs, cache);
    for (let hour = 0; hour < 9; hour += 1) {
      for (let each = 0; each < SWEPT_TOKENS_MIN; each += 1) {
        const id = `tenant/${hour}-${each}`;
        const token = {
          value: id,
          tokenType: 'Bearer',
          issuedAtMs: clock.nowMs,
          expiresAtMs: clock.nowMs + HOUR_MS,
        };
        keepers.answers.set(id, answer(1, 0, { id, token }));
        await tokens.get(id);
      }
      clock.nowMs += HOUR_MS;
    }
    expect(cache.size).toBeLessThan(5 * SWEPT_TOKENS_MIN);
  });

  it('serves no token that is dead by its own clock, however often it is read again and others are swept', async () => {
    const keepers = new FakeKeepers();
    const monotonic = { nowMs: 0 };
    // The wall clock stands still, so that by it every token lives.
    const cache = new TokenCache(() => monotonic.nowMs);
    const tokens = new TokenClient(keepers, () => 0, cache);
    keepers.answers.set('a', answer(1, HOUR_MS));
    await tokens.get('a');
    for (let hour = 1; hour < 6; hour += 1) {
      monotonic.nowMs = hour * HOUR_MS;
      const queries = keepers.queries;
      await tokens.get('a');
      expect(keepers.queries).toBeGreaterThan(queries);
      for (let each = 0; each < SWEPT_TOKENS_MIN; each += 1) {
        const id = `other/${hour}-${each}`;
        keepers.answers.set(id, answer(1, HOUR_MS, { id }));
        await tokens.get(id);
      }
      expect(cache.get('a', 0)).toBeUndefined();
    }
  });

  it('answers from memory, also while Temporal is away, with a token that a refresh brought again with a later expiry', async () => {
    const clock = { nowMs: 0 };
    const keepers = new FakeKeepers();
    const cache = new TokenCache(() => clock.nowMs);
    const tokens = new TokenClient(keepers, () => clock.nowMs, cache);
    keepers.answers.set('a', answer(1, HOUR_MS));
    const { token } = await tokens.get('a');
    clock.nowMs = HOUR_MS / 2;
    const again = {
      value: token,
      tokenType: 'bearer',
      issuedAtMs: clock.nowMs,
      expiresAtMs: clock.nowMs + HOUR_MS,
    };
    keepers.answers.set('a', answer(2, 0, { token: again }));
    clock.nowMs = HOUR_MS;
    await tokens.get('a');
    const { queries } = keepers;
    await tokens.get('a');
    expect(keepers.queries).toBe(queries);
    keepers.onQuery = unavailable;
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 2 });
  });

  it('answers from memory with a token of a file that was read before its keeper could date it', async () => {
    const clock = { nowMs: 0 };
    const keepers = new FakeKeepers();
    const cache = new TokenCache(() => clock.nowMs);
    const tokens = new TokenClient(keepers, () => clock.nowMs, cache);
    const brought = { value: 'brought', tokenType: 'Bearer', expiresAtMs: HOUR_MS };
    const datedAt = (issuedAtMs: number) => answer(0, 0, { token: { ...brought, issuedAtMs } });
    // As `apply` publishes it: nobody knows when it was issued.
    keepers.answers.set('a', datedAt(HOUR_MS));
    await tokens.get('a');
    clock.nowMs = 0.6 * HOUR_MS;
    keepers.answers.set('a', datedAt(clock.nowMs));
    await tokens.get('a');
    await new Promise((resolve) => setImmediate(resolve));
    const { queries } = keepers;
    await tokens.get('a');
    expect(keepers.queries).toBe(queries);
  });

  it('asks again after a failure, which is not kept', async () => {
    const { keepers, tokens } = setUp();
    keepers.onQuery = unavailable;
    await expect(tokens.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    keepers.onQuery = undefined;
    keepers.answers.set('a', answer(1, HOUR_MS));
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1 });
  });

  it('asks for a longer life than the cached token has', async () => {
    const { keepers, tokens } = setUp();
    keepers.answers.set('a', answer(1, 60_000));
    await tokens.get('a');
    const longer = await tokens.get('a', { minValidityMs: 120_000 });
    expect(longer.generation).toBe(2);
    expect(keepers.updates).toEqual([{ generation: 1, minValidityMs: 120_000 }]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])(
    'refuses %d as validity, whatever is cached, and asks nothing',
    async (minValidityMs) => {
      const { keepers, tokens } = setUp();
      keepers.answers.set('a', answer(1, HOUR_MS));
      const refused = { name: 'UnsatisfiableValidityError' };
      await expect(tokens.get('a', { minValidityMs })).rejects.toMatchObject(refused);
      expect(keepers.queries).toBe(0);
      await tokens.get('a');
      await expect(tokens.get('a', { minValidityMs })).rejects.toMatchObject(refused);
      expect([keepers.queries, keepers.updates.length]).toEqual([1, 0]);
    },
  );

  it('hands out a token that no caller can change for the others', async () => {
    const { keepers, tokens } = setUp();
    keepers.answers.set('a', answer(1, HOUR_MS));
    const [read, cached] = [await tokens.get('a'), await tokens.get('a')];
    expect([Object.isFrozen(read), Object.isFrozen(cached)]).toEqual([true, true]);
    cached.expiresAt.setTime(0);
    expect((await tokens.get('a')).expiresAt).toEqual(new Date(HOUR_MS));
  });

  it('hands out extras that no caller can change for the others', async () => {
    const { keepers, tokens } = setUp();
    const { token } = answer(1, HOUR_MS);
    if (token === undefined) throw new Error('no token');
    const extras = { instance_url: 'https://acme.example', hosts: [{ name: 'acme' }] };
    keepers.answers.set('a', answer(1, HOUR_MS, { token: { ...token, extras } }));
    const { extras: read } = await tokens.get('a');
    expect(() => Object.assign(read ?? {}, { instance_url: 'https://other.example' })).toThrow();
    expect(() => extras.hosts.push({ name: 'other' })).toThrow();
    expect((await tokens.get('a')).extras).toEqual({
      instance_url: 'https://acme.example',
      hosts: [{ name: 'acme' }],
    });
  });

  it('goes on answering with a token that is valid still while Temporal is away', async () => {
    const { keepers, clock, tokens } = setUp();
    keepers.answers.set('a', answer(1, HOUR_MS));
    await tokens.get('a');
    keepers.onQuery = unavailable;
    clock.nowMs = HOUR_MS - 1_000;
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1 });
    clock.nowMs = HOUR_MS;
    await expect(tokens.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('does not pass a short token off as one of the validity that was asked for', async () => {
    const { keepers, clock, tokens } = setUp();
    keepers.answers.set('a', answer(1, HOUR_MS));
    await tokens.get('a');
    keepers.onQuery = unavailable;
    clock.nowMs = HOUR_MS - 1_000;
    await expect(tokens.get('a', { minValidityMs: 5_000 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });

  it('does not let a late answer overwrite a newer one', async () => {
    const { keepers, tokens } = setUp();
    let release: (late: TokenAnswer) => void = () => undefined;
    const late = new Promise<TokenAnswer>((resolve) => (release = resolve));
    keepers.answers.set('a', answer(1, 60_000));
    await tokens.get('a');
    keepers.onUpdate = async () => late;
    const waiting = tokens.get('a', { minValidityMs: 70_000 });
    keepers.onQuery = async () => answer(7, HOUR_MS);
    await tokens.refresh('a', { afterGeneration: 6 });
    release(answer(2, 2 * HOUR_MS));
    await waiting;
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 7 });
  });

  it('takes a lower generation from a keeper that was made anew', async () => {
    const { keepers, clock, tokens } = setUp();
    keepers.answers.set('a', answer(57, 60_000));
    await tokens.get('a');
    clock.nowMs = 60_000;
    keepers.answers.set('a', answer(1, HOUR_MS));
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1 });
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1 });
    expect(keepers.queries).toBe(2);
  });

  it('says that the credential failed for good, with provider, status, code and action', async () => {
    const { keepers, tokens } = setUp(HOUR_MS);
    const lastFailure = {
      type: 'PermanentRefreshError',
      provider: 'klavi',
      code: 'beyond_renewal',
      httpStatus: 401,
      atMs: 1,
      action: 'do this',
    } as const;
    keepers.answers.set('a', answer(1, HOUR_MS, { status: 'failed', lastFailure }));
    await expect(tokens.get('a')).rejects.toMatchObject({
      code: 'PERMANENTLY_FAILED',
      failure: { provider: 'klavi', code: 'beyond_renewal', httpStatus: 401, action: 'do this' },
    });
    expect(keepers.updates).toEqual([]);
  });

  it('still serves the valid token of a keeper that has failed', async () => {
    const { keepers, tokens } = setUp();
    keepers.answers.set('a', answer(1, HOUR_MS, { status: 'failed' }));
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1, status: 'failed' });
  });

  it('asks again when the keeper had no fresh token in time', async () => {
    const { keepers, tokens } = setUp(HOUR_MS);
    keepers.answers.set('a', answer(1, HOUR_MS));
    keepers.onUpdate = async (id) => {
      if (keepers.updates.length < 3) throw new TokenError('NOT_FRESH_IN_TIME', id, 'not yet');
      return answer(2, 2 * HOUR_MS);
    };
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 2 });
    expect(keepers.updates).toHaveLength(3);
  });

  it('ends the wait of one caller by its signal, and of no other', async () => {
    const { keepers, tokens } = setUp(HOUR_MS);
    keepers.answers.set('a', answer(1, HOUR_MS));
    let release: (fresh: TokenAnswer) => void = () => undefined;
    const update = new Promise<TokenAnswer>((resolve) => (release = resolve));
    keepers.onUpdate = async () => update;
    const abort = new AbortController();
    const impatient = tokens.get('a', { signal: abort.signal });
    const patient = tokens.get('a');
    abort.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    release(answer(2, 2 * HOUR_MS));
    await expect(patient).resolves.toMatchObject({ generation: 2 });
    expect(keepers.updates).toHaveLength(1);
  });

  it('does not ask at all for a caller whose signal has fired before', async () => {
    const { keepers, tokens } = setUp();
    keepers.answers.set('a', answer(1, HOUR_MS));
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(tokens.get('a', { signal })).rejects.toThrow('too late');
    await expect(tokens.refresh('a', { signal })).rejects.toThrow('too late');
    expect(keepers.queries).toBe(0);
  });

  it('has one listener at a signal that many callers wait with, and leaves none behind', async () => {
    const { keepers, tokens } = setUp();
    const { signal } = new AbortController();
    const looked = held();
    keepers.onQuery = () => looked.answer;
    const waiting = Array.from({ length: 20 }, () => tokens.get('a', { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    looked.release(answer(1, HOUR_MS));
    await Promise.all(waiting);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('ends the wait of all callers who wait with a signal that fires', async () => {
    const { keepers, tokens } = setUp();
    const abort = new AbortController();
    keepers.onQuery = () => held().answer;
    const waiting = ['a', 'b', 'c'].map((id) => tokens.get(id, { signal: abort.signal }));
    abort.abort(new Error('enough'));
    for (const wait of waiting) await expect(wait).rejects.toThrow('enough');
  });

  it('asks for no refresh for a caller whose signal fires while the keeper is looked at', async () => {
    const { keepers, tokens } = setUp(HOUR_MS);
    const looked = held();
    keepers.onQuery = () => looked.answer;
    const abort = new AbortController();
    const waiting = tokens.get('a', { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    looked.release(answer(1, HOUR_MS));
    await new Promise((resolve) => setImmediate(resolve));
    expect([keepers.queries, keepers.updates.length]).toEqual([1, 0]);
  });

  it('does not force refreshes of tokens that live shorter than the default validity', async () => {
    const { keepers, tokens } = setUp();
    keepers.answers.set('a', answer(1, 8_000));
    await tokens.get('a');
    expect(keepers.updates).toEqual([]);
  });

  it('takes what the keeper holds to be valid when the clock of the process runs ahead, and forces nothing', async () => {
    const { keepers, tokens } = setUp(2 * HOUR_MS);
    keepers.answers.set('a', answer(1, HOUR_MS));
    // The keeper's own clock finds the token good and makes no other.
    keepers.onUpdate = async () => answer(1, HOUR_MS);
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1 });
    expect(keepers.updates).toEqual([{ generation: 1, minValidityMs: 10_000 }]);
  });

  it('goes on when the clock of the process is set back, and a token found wanting is replaced at once', async () => {
    const { keepers, clock, tokens } = setUp(10 * HOUR_MS);
    keepers.answers.set('a', answer(1, 11 * HOUR_MS));
    await tokens.get('a');
    clock.nowMs = 9 * HOUR_MS;
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1 });
    keepers.answers.set('a', answer(2, 12 * HOUR_MS));
    await expect(tokens.refresh('a', { afterGeneration: 1 })).resolves.toMatchObject({
      generation: 2,
    });
    expect(keepers.updates).toEqual([]);
  });

  it('looks again in the background, once in a while, when the token is due', async () => {
    const { keepers, clock, tokens } = setUp();
    // Half of the life ahead, as a credential's own lead may be: the provider may end the old token then.
    keepers.answers.set('a', answer(1, HOUR_MS, { nextRefreshAtMs: HOUR_MS / 2 }));
    await tokens.get('a');
    keepers.answers.set('a', answer(2, 2 * HOUR_MS));
    clock.nowMs = HOUR_MS / 2;
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1 });
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 2 });
    expect(keepers.queries).toBe(2);
  });
});

describe('a valid token that lives shorter than the default validity', () => {
  const LEFT_MS = 7_000;

  beforeEach(() => {
    vi.useFakeTimers({ now: HOUR_MS - LEFT_MS });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function late(code: TokenErrorCode, afterMs: number): () => Promise<never> {
    return () =>
      new Promise((_resolve, reject) => {
        setTimeout(() => reject(new TokenError(code, 'a', 'late')), afterMs);
      });
  }

  /** What a `get` ends in, and how long the token then still lives. */
  async function gets(isCached: boolean, fail: (keepers: FakeKeepers) => void, options = {}) {
    const keepers = new FakeKeepers();
    const tokens = new TokenClient(keepers);
    keepers.answers.set('a', answer(1, HOUR_MS));
    if (isCached) {
      vi.setSystemTime(0);
      await tokens.get('a');
      vi.setSystemTime(HOUR_MS - LEFT_MS);
    }
    fail(keepers);
    const ended = tokens.get('a', options).then(
      ({ generation }) => ({ generation, leftMs: HOUR_MS - Date.now() }),
      (error: unknown) => ({ error, leftMs: HOUR_MS - Date.now() }),
    );
    await vi.advanceTimersByTimeAsync(60_000);
    return ended;
  }

  it('is handed out with half of what was left of it where Temporal is silent for longer than it lives', async () => {
    const ended = await gets(true, (keepers) => (keepers.onQuery = late('UNAVAILABLE', 8_000)));
    expect(ended).toEqual({ generation: 1, leftMs: LEFT_MS / 2 });
  });

  it.each([
    ['was read before', true],
    ['is read only now', false],
  ])(
    'and %s is handed out with half of what was left of it where the provider is away',
    async (_when, isCached) => {
      const ended = await gets(
        isCached,
        (keepers) => (keepers.onUpdate = late('NOT_FRESH_IN_TIME', 10_000)),
      );
      expect(ended).toEqual({ generation: 1, leftMs: LEFT_MS / 2 });
    },
  );

  it('is not handed out to a caller that named a longer validity, who waits on', async () => {
    const ended = await gets(
      true,
      (keepers) => (keepers.onUpdate = late('NOT_FRESH_IN_TIME', 10_000)),
      { minValidityMs: LEFT_MS + 1 },
    );
    expect(ended).toMatchObject({
      error: { code: 'NOT_FRESH_IN_TIME' },
      leftMs: LEFT_MS - 30_000,
    });
  });

  it('gives way to a fresher one that comes within that half', async () => {
    const ended = await gets(false, (keepers) => {
      keepers.onUpdate = () =>
        new Promise((resolve) => {
          setTimeout(() => resolve(answer(2, 2 * HOUR_MS)), LEFT_MS / 2 - 1);
        });
    });
    expect(ended).toEqual({ generation: 2, leftMs: LEFT_MS / 2 + 1 });
  });
});

describe('a token that was read once', () => {
  /** Reads a token, lets the keeper answer otherwise, and reads again when the token is old. */
  async function readAgain(change: (keepers: FakeKeepers) => void) {
    const clock = { nowMs: 0 };
    const keepers = new FakeKeepers();
    const cache = new TokenCache(() => clock.nowMs);
    const tokens = new TokenClient(keepers, () => clock.nowMs, cache);
    keepers.answers.set('a', answer(1, HOUR_MS));
    await tokens.get('a');
    change(keepers);
    clock.nowMs = READ_AGAIN_MAX_MS;
    // This one is still served from memory, and asks.
    await tokens.get('a');
    expect(keepers.queries).toBe(2);
    return tokens;
  }

  it('is served no more once its keeper has revoked it', async () => {
    const { token: _revoked, ...ended } = answer(1, HOUR_MS, { status: 'stopped' });
    const tokens = await readAgain((keepers) => keepers.answers.set('a', ended));
    await expect(tokens.get('a')).rejects.toMatchObject({ code: 'PERMANENTLY_FAILED' });
  });

  it('is served on while Temporal has lost its keeper, and while the new one has no token yet', async () => {
    const lost = await readAgain((keepers) => keepers.answers.delete('a'));
    await expect(lost.get('a')).resolves.toMatchObject({ generation: 1, status: 'fresh' });
    const { token: _none, ...anew } = answer(0, 0, { status: 'retrying' });
    const started = await readAgain((keepers) => keepers.answers.set('a', anew));
    await expect(started.get('a')).resolves.toMatchObject({ generation: 1, status: 'fresh' });
  });

  it.each(['UNAVAILABLE', 'UNDECIPHERABLE'] as const)(
    'is served on while its keeper can only say %s',
    async (code) => {
      const tokens = await readAgain((keepers) => {
        keepers.onQuery = async () => {
          throw new TokenError(code, 'a', 'no answer');
        };
      });
      await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1, status: 'fresh' });
    },
  );

  it('is served on while a keeper that was made anew has ended from outside without one', async () => {
    const ended = endedFromOutside(answer(0, 0, { status: 'retrying' }), 0);
    const { token: _none, ...without } = ended;
    const tokens = await readAgain((keepers) => keepers.answers.set('a', without));
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1, status: 'fresh' });
    await expect(tokens.refresh('a')).rejects.toMatchObject({ failure: { code: 'keeper_ended' } });
  });

  it('is served on after its keeper has failed with it, and says so', async () => {
    const failed = answer(1, HOUR_MS, { status: 'failed' });
    const tokens = await readAgain((keepers) => keepers.answers.set('a', failed));
    await expect(tokens.get('a')).resolves.toMatchObject({ generation: 1, status: 'failed' });
  });

  it('is not dropped for an end without a token that was asked for before it came', () => {
    const { token: _none, ...early } = answer(0, 0, { status: 'stopped' });
    const cache = new TokenCache();
    const askedAt = cache.ask();
    cache.keep(answer(1, HOUR_MS), cache.ask());
    cache.keep(early, askedAt);
    expect(cache.get('a', 0)?.known.generation).toBe(1);
  });
});

describe('refresh', () => {
  it('asks for a token after the current generation', async () => {
    const { keepers, tokens } = setUp();
    keepers.answers.set('a', answer(4, HOUR_MS));
    await expect(tokens.refresh('a')).resolves.toMatchObject({ generation: 5 });
    expect(keepers.updates).toEqual([{ generation: 4, minValidityMs: 0, afterGeneration: 4 }]);
  });

  it('makes one update for all who found the same generation wanting', async () => {
    const { keepers, tokens } = setUp();
    keepers.answers.set('a', answer(4, HOUR_MS));
    await Promise.all(
      Array.from({ length: 100 }, () => tokens.refresh('a', { afterGeneration: 4 })),
    );
    await tokens.refresh('a', { afterGeneration: 4 });
    expect(keepers.updates).toHaveLength(1);
  });

  it('takes a generation above the current one for the current one, as after a reset', async () => {
    const { keepers, tokens } = setUp();
    keepers.answers.set('a', answer(4, HOUR_MS));
    await expect(tokens.refresh('a', { afterGeneration: 99 })).resolves.toMatchObject({
      generation: 5,
    });
  });

  describe('where the keeper was made anew, and counts from the start', () => {
    async function madeAnew() {
      const { keepers, tokens } = setUp();
      keepers.answers.set('a', answer(5, HOUR_MS));
      await tokens.get('a');
      const { token: _none, ...anew } = answer(0, 0, { status: 'retrying' });
      keepers.answers.set('a', anew);
      return { keepers, tokens };
    }

    it.each([undefined, 5])('gets its first token (after generation %s)', async (generation) => {
      const { keepers, tokens } = await madeAnew();
      const options = generation === undefined ? {} : { afterGeneration: generation };
      await expect(tokens.refresh('a', options)).resolves.toMatchObject({ generation: 1 });
      expect(keepers.updates).toEqual([{ generation: 0, minValidityMs: 0, afterGeneration: 0 }]);
    });

    it('takes its first token also where it has to look for it, since many callers wait', async () => {
      const { keepers, tokens } = await madeAnew();
      keepers.onUpdate = () => {
        keepers.answers.set('a', answer(1, HOUR_MS));
        const [request = { generation: 0, minValidityMs: 0 }] = keepers.updates;
        return watchedToken(() => keepers.token('a'), request, Date.now());
      };
      await expect(tokens.refresh('a')).resolves.toMatchObject({ generation: 1 });
      expect(keepers.updates).toHaveLength(1);
    });

    it('serves the earlier token to whoever does not complain of it', async () => {
      const { keepers, tokens } = await madeAnew();
      keepers.onUpdate = () => held().answer;
      const refreshed = tokens.refresh('a').catch(() => undefined);
      await expect.poll(() => keepers.updates.length).toBe(1);
      await expect(tokens.get('a')).resolves.toMatchObject({ generation: 5 });
      void refreshed;
    });
  });

  it('does not hand out again the token that did not work, for an answer to a question from before it came', async () => {
    const { keepers, tokens } = setUp();
    const [update, early] = [held(), held()];
    keepers.answers.set('a', answer(4, 60_000, { nextRefreshAtMs: 0 }));
    await tokens.get('a');
    keepers.onUpdate = () => update.answer;
    const longer = tokens.get('a', { minValidityMs: 70_000 });
    await expect.poll(() => keepers.updates.length).toBe(1);
    keepers.onQuery = () => early.answer;
    // This one is served from memory, and asks since the token is due.
    await tokens.get('a');
    update.release(answer(5, HOUR_MS));
    await longer;

    const refreshed = tokens.refresh('a', { afterGeneration: 5 });
    keepers.onQuery = undefined;
    keepers.onUpdate = undefined;
    keepers.answers.set('a', answer(5, HOUR_MS));
    early.release(answer(4, 60_000));
    await expect(refreshed).resolves.toMatchObject({ generation: 6 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %d as generation with a RangeError, and asks nothing',
    async (afterGeneration) => {
      const { keepers, tokens } = setUp();
      keepers.answers.set('a', answer(4, HOUR_MS));
      await expect(tokens.refresh('a', { afterGeneration })).rejects.toBeInstanceOf(RangeError);
      expect([keepers.queries, keepers.updates.length]).toEqual([0, 0]);
    },
  );

  it('rejects with NOT_FOUND for a credential that nobody keeps', async () => {
    await expect(setUp().tokens.refresh('none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('status and list', () => {
  it('judge expiry by the reader, since a keeper without a worker cannot', async () => {
    const { keepers, tokens } = setUp(HOUR_MS);
    keepers.answers.set('a', answer(1, HOUR_MS));
    keepers.summaries = [
      { id: 'b', provider: 'tavio', status: 'fresh', expiresAtMs: 2 * HOUR_MS },
      { id: 'a', provider: 'klavi', status: 'fresh', expiresAtMs: HOUR_MS },
    ];
    await expect(tokens.status('a')).resolves.toMatchObject({ status: 'expired' });
    const statuses = (await tokens.list()).map(({ id, status }) => [id, status]);
    expect(statuses).toEqual([
      ['a', 'expired'],
      ['b', 'fresh'],
    ]);
  });

  it('lists only what the filter lets through', async () => {
    const { keepers, tokens } = setUp();
    keepers.summaries = [
      { id: 'a', provider: 'klavi', status: 'fresh' },
      { id: 'b', provider: 'klavi', status: 'failed' },
      { id: 'c', provider: 'tavio', status: 'failed' },
    ];
    const found = await tokens.list({ status: 'failed', provider: 'klavi' });
    expect(found.map(({ id }) => id)).toEqual(['b']);
  });
});

it('closes the connection', async () => {
  const { keepers, tokens } = setUp();
  await tokens.close();
  expect(keepers.isClosed).toBe(true);
});

describe('a reader whose clock is ten minutes ahead', () => {
  function reader() {
    const keepers = new FakeKeepers();
    const clock = { realMs: HOUR_MS - 300_000 };
    const cache = new TokenCache(() => clock.realMs);
    keepers.answers.set('a', answer(1, HOUR_MS));
    // By the keeper's own clock the token is good.
    keepers.onUpdate = async () => answer(1, HOUR_MS);
    const tokens = new TokenClient(keepers, () => clock.realMs + 600_000, cache);
    return { keepers, clock, tokens };
  }

  it('asks for a token that its keeper holds to be valid every five seconds, however often it is called', async () => {
    const { keepers, clock, tokens } = reader();
    for (let second = 0; second <= 10; second += 1) {
      for (let call = 0; call < 20; call += 1) await tokens.get('a');
      clock.realMs += 1_000;
    }
    expect(keepers.updates).toHaveLength(2);
  });

  it('asks at once for a longer validity than its keeper has vouched for', async () => {
    const { keepers, tokens } = reader();
    await tokens.get('a');
    await tokens.get('a', { minValidityMs: 60_000 });
    expect(keepers.updates.map(({ minValidityMs }) => minValidityMs)).toEqual([10_000, 60_000]);
  });

  it('takes the keeper’s word for one token only, and not for its successor', async () => {
    const { keepers, tokens } = reader();
    await tokens.get('a');
    keepers.answers.set('a', answer(2, HOUR_MS));
    keepers.onUpdate = async () => answer(2, HOUR_MS);
    await tokens.refresh('a', { afterGeneration: 1 });
    await tokens.get('a');
    expect(keepers.updates.at(-1)).toEqual({ generation: 2, minValidityMs: 10_000 });
  });
});

it('whoever watches a crowded keeper with a clock that is ahead takes the token that was made meanwhile', async () => {
  const madeAtMs = Date.now() - 600_000;
  const token = { value: 't', tokenType: 'Bearer', issuedAtMs: madeAtMs };
  const made = answer(2, 0, { token: { ...token, expiresAtMs: madeAtMs + 300_000 } });
  const watched = (generation: number, minValidityMs = 10_000) =>
    watchedToken(async () => made, { generation, minValidityMs }, Date.now());
  await expect(watched(1)).resolves.toBe(made);
  await expect(watched(1, 295_000)).rejects.toMatchObject({ code: 'NOT_FRESH_IN_TIME' });
  await expect(watched(2)).rejects.toMatchObject({ code: 'NOT_FRESH_IN_TIME' });
});

describe('a reader whose clock is ten minutes behind', () => {
  const LIFE_MS = 300_000;
  const BEHIND_MS = 600_000;

  function reader(lifeMs = LIFE_MS) {
    const keepers = new FakeKeepers();
    const clock = { realMs: 1_000_000 };
    const grant = (generation: number): void => {
      const expiresAtMs = clock.realMs + lifeMs;
      const token = { value: `t-${generation}`, tokenType: 'Bearer', expiresAtMs };
      keepers.answers.set(
        'a',
        answer(generation, expiresAtMs, {
          token: { ...token, issuedAtMs: clock.realMs },
          nextRefreshAtMs: expiresAtMs - 30_000,
        }),
      );
    };
    const cache = new TokenCache(() => clock.realMs);
    return {
      keepers,
      clock,
      grant,
      tokens: new TokenClient(keepers, () => clock.realMs - BEHIND_MS, cache),
    };
  }

  it('serves a token that the keeper replaced for a tenth of its life at most', async () => {
    const { keepers, clock, grant, tokens } = reader();
    grant(1);
    await tokens.get('a');
    grant(2);
    clock.realMs += LIFE_MS / 10 - 1;
    await tokens.get('a');
    expect(keepers.queries).toBe(1);
    clock.realMs += 1;
    await tokens.get('a');
    await expect.poll(async () => (await tokens.get('a')).generation).toBe(2);
    expect(keepers.queries).toBe(2);
  });

  it('serves no token for longer than it lives, also where it was not asked meanwhile', async () => {
    const { clock, grant, tokens } = reader();
    grant(1);
    await tokens.get('a');
    clock.realMs += LIFE_MS;
    grant(2);
    expect((await tokens.get('a')).generation).toBe(2);
  });

  it('serves no token of a short life that is over, while its keeper makes others', async () => {
    const { clock, grant, tokens } = reader(15_000);
    grant(1);
    clock.realMs += 7_000;
    for (let second = 7; second < 60; second += 1) {
      if (second % 10 === 0) grant(second);
      const { expiresAt } = await tokens.get('a');
      expect(expiresAt.getTime()).toBeGreaterThan(clock.realMs);
      clock.realMs += 1_000;
    }
  });

  it('asks no more often of a token of which nobody knows when it was issued', async () => {
    const { keepers, clock, tokens } = reader();
    const token = { value: 't', tokenType: 'Bearer', issuedAtMs: 9e12, expiresAtMs: 9e12 };
    keepers.answers.set('a', answer(1, 9e12, { token }));
    await tokens.get('a');
    clock.realMs += LIFE_MS - 1;
    await tokens.get('a');
    expect(keepers.queries).toBe(1);
  });
});
