import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import { HTTP_DEADLINE_MS, IN_DOUBT_GRACE_MS, SEND_WITHIN_MS } from '../../src/policy/numbers.js';
import { WireError } from '../../src/providers/wire-error.js';
import {
  abitmediaRefusal,
  abitmediaTokens,
  answerOf,
  quietEnvironment,
  RefreshRig,
  SCHEDULED_AT,
} from './refresh-rig.js';

describe('an attempt that gets a token', () => {
  it('returns it as the next generation, with the material that replaced the spent one', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    const result = await rig.attempt();
    expect(result).toMatchObject({
      epoch: 1,
      generation: 6,
      token: { value: 'access-6', tokenType: 'Bearer' },
      replacedMaterial: { refreshToken: 'refresh-6' },
    });
    expect(rig.sent).toHaveLength(1);
    expect(rig.counted).toEqual(['refreshed abitmedia']);
  });

  it('dates it by the server’s clock and never by the worker’s', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    const { token } = await rig.attempt();
    expect(token.issuedAtMs - SCHEDULED_AT).toBeGreaterThanOrEqual(0);
    expect(token.issuedAtMs - SCHEDULED_AT).toBeLessThan(60_000);
    expect(token.expiresAtMs - token.issuedAtMs).toBe(3_600_000);
  });

  it('keeps the scope and the extras that the answer does not repeat', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    const { token } = await rig.attempt();
    expect(token).toMatchObject({ scope: 'read', extras: { region: 'eu' } });
  });

  it('names the spent material also when it stays, so that a reset keeper finds the newest', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(200, { access_token: 'access-6', token_type: 'Bearer' });
    const result = await rig.attempt({
      provider: 'oauth2',
      config: {
        tokenEndpoint: 'https://id.example/token',
        clientId: 'shop',
        clientAuthentication: 'none',
      },
    });
    expect(result.replacedMaterial).toEqual({ refreshToken: 'refresh-5' });
  });

  it('records its intent before the request and the answer after it, and nothing else', async () => {
    const rig = new RefreshRig();
    let writesBeforeRequest = 0;
    rig.answer = () => {
      writesBeforeRequest = rig.journal.writes.length;
      return abitmediaTokens(6);
    };
    const result = await rig.attempt();
    expect(writesBeforeRequest).toBe(1);
    expect(rig.journal.writes[0]).toMatchObject({ keeperId: 'keeper-1', epoch: 1 });
    expect(rig.journal.writes[0]?.intent?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(rig.journal.writes.slice(1)).toEqual([
      { keeperId: 'keeper-1', epoch: 1, answer: result },
    ]);
  });

  it('hands it on and says so when the answer cannot be journaled, and never asks again', async () => {
    const rig = new RefreshRig();
    rig.journal.writesLeft = 1;
    rig.answer = () => abitmediaTokens(6);
    expect((await rig.attempt()).generation).toBe(6);
    expect(rig.sent).toHaveLength(1);
    expect(rig.counted).toContain('journal write failed abitmedia');
    expect(rig.logged.join()).toContain('could not be journaled');
  });
});

describe('an attempt after one that died', () => {
  it('finds the answer in the journal and makes no second request', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    const first = await rig.attempt();
    const second = await rig.attempt({}, { attempt: 2 });
    expect(second).toEqual(first);
    expect(rig.sent).toHaveLength(1);
    expect(rig.counted).toContain('from journal abitmedia');
  });

  it('waits until the request that may be open is surely over', async () => {
    const rig = new RefreshRig();
    await openIntent(rig);
    const failure = await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 4_000 });
    expect(failure.type).toBe('AwaitingAnswerError');
    expect(failure.nonRetryable).toBe(false);
    expect(failure.nextRetryDelay).toBeGreaterThan(20_000);
    expect(failure.nextRetryDelay).toBeLessThanOrEqual(25_000);
    expect(rig.sent).toHaveLength(1);
  });

  it('waits by the server’s clock where that of the dead one’s worker ran an hour ahead', async () => {
    const rig = new RefreshRig();
    vi.spyOn(Date, 'now').mockReturnValue(SCHEDULED_AT + 3_600_000);
    await openIntent(rig);
    vi.restoreAllMocks();
    const found = await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 8_000 });
    expect(found.type).toBe('AwaitingAnswerError');
    const waitMs = found.nextRetryDelay ?? Infinity;
    expect(waitMs).toBeLessThanOrEqual(SEND_WITHIN_MS + HTTP_DEADLINE_MS + IN_DOUBT_GRACE_MS);

    const tooEarly = { attempt: 3, scheduledAt: SCHEDULED_AT + 18_000 };
    expect((await rig.failure({}, tooEarly)).nextRetryDelay).toBeLessThanOrEqual(waitMs - 10_000);
    const over = { attempt: 4, scheduledAt: SCHEDULED_AT + 8_000 + waitMs + 100 };
    expect(await rig.attempt({}, over)).toMatchObject({ generation: 6 });
    expect(rig.sent).toHaveLength(2);
  });

  it('is retried with a clear reason when it cannot record that it found the intent', async () => {
    const rig = new RefreshRig();
    await openIntent(rig);
    rig.journal.writesLeft = 0;
    const failure = await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 8_000 });
    expect(failure).toMatchObject({ type: 'JournalUnavailableError', nonRetryable: false });
    expect(failure.details[0].code).toBe('intent_not_written');
    expect(rig.sent).toHaveLength(1);
  });

  it('sends once more when that time is over, and is fresh if the provider grants a grace', async () => {
    const rig = new RefreshRig();
    await openIntent(rig);
    rig.answer = () => abitmediaTokens(6);
    const result = await rig.attempt({}, { attempt: 3, scheduledAt: SCHEDULED_AT + 60_000 });
    expect(result.generation).toBe(6);
    expect(rig.sent).toHaveLength(2);
  });

  it('ends as outcome_unknown and names the lost request’s time if the provider refuses', async () => {
    const rig = new RefreshRig();
    await openIntent(rig);
    rig.answer = abitmediaRefusal;
    const failure = await rig.failure({}, { attempt: 3, scheduledAt: SCHEDULED_AT + 60_000 });
    expect(failure).toMatchObject({ type: 'PermanentRefreshError', nonRetryable: true });
    expect(failure.details[0]).toMatchObject({ code: 'outcome_unknown', httpStatus: 400 });
    expect(failure.details[0].action).toContain('2031-05-05T00:00');
    expect(failure.message).toContain('outcome_unknown');
  });

  it('is only refused, not in doubt, where the provider does not rotate', async () => {
    const rig = new RefreshRig();
    const csp = { provider: 'vmware-csp', material: { apiToken: 'api-token' } };
    rig.answer = () => Promise.reject(new WireError('connection_lost', true));
    await rig.failure(csp);
    rig.answer = () => answerOf(400, { moduleCode: 340, message: 'invalid_grant: Invalid: ****' });
    const failure = await rig.failure({ ...csp, reason: 'forced' });
    expect(failure.details[0].code).toBe('invalid_grant');
  });

  /** Leaves behind what a worker leaves that dies after its request went out. */
  async function openIntent(rig: RefreshRig): Promise<void> {
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt();
    const [intent] = rig.journal.writes;
    if (intent === undefined) throw new Error('no intent was written');
    rig.journal.entries.set('acme/shop', intent);
  }
});

describe('two attempts that overlap after all', () => {
  it('do not bury the answer of one under the refusal of the other', async () => {
    const rig = new RefreshRig();
    const granted = await grantedElsewhere();
    rig.answer = () => {
      rig.journal.entries.set('acme/shop', { keeperId: 'keeper-1', epoch: 1, answer: granted });
      return abitmediaRefusal();
    };
    expect(await rig.attempt()).toEqual(granted);
    expect(rig.journal.entries.get('acme/shop')?.answer).toEqual(granted);
  });

  it('do not bury it either when it comes in while the refusal is being recorded', async () => {
    const rig = new RefreshRig();
    const granted = await grantedElsewhere();
    rig.answer = () => {
      rig.journal.onUpdate = () =>
        rig.journal.entries.set('acme/shop', { keeperId: 'keeper-1', epoch: 1, answer: granted });
      return abitmediaRefusal();
    };
    expect(await rig.attempt()).toEqual(granted);
    expect(rig.journal.entries.get('acme/shop')?.answer).toEqual(granted);
  });

  it('do not both send: the one whose entry has changed since it was read sends nothing', async () => {
    const rig = new RefreshRig();
    const other = {
      keeperId: 'keeper-1',
      epoch: 1,
      intent: { fingerprint: 'f', atMs: SCHEDULED_AT, deadlineAtMs: SCHEDULED_AT + 20_000 },
    };
    rig.journal.onUpdate = () => rig.journal.entries.set('acme/shop', other);
    const failure = await rig.failure();
    expect(failure).toMatchObject({ type: 'TransientRefreshError', nonRetryable: false });
    expect(failure.details[0].code).toBe('attempt_too_late');
    expect(rig.sent).toHaveLength(0);
    expect(rig.journal.entries.get('acme/shop')).toEqual(other);
  });

  it('do not bury the open intent of one under the failure of the other', async () => {
    const rig = new RefreshRig();
    const other = {
      keeperId: 'keeper-1',
      epoch: 1,
      intent: { fingerprint: 'f', atMs: SCHEDULED_AT, deadlineAtMs: SCHEDULED_AT + 20_000 },
    };
    rig.answer = () => {
      rig.journal.entries.set('acme/shop', other);
      return answerOf(503, '');
    };
    expect((await rig.failure()).type).toBe('TransientRefreshError');
    expect(rig.journal.entries.get('acme/shop')).toEqual(other);
  });

  it.each([
    ['a later epoch', { keeperId: 'keeper-1', epoch: 2 }],
    ['a credential that was created anew', { keeperId: 'keeper-2', epoch: 1 }],
  ])('do not bury the entry of %s under an answer that comes late', async (_, later) => {
    const rig = new RefreshRig();
    rig.answer = () => {
      rig.journal.entries.set('acme/shop', later);
      return abitmediaTokens(6);
    };
    expect((await rig.attempt()).generation).toBe(6);
    expect(rig.journal.entries.get('acme/shop')).toEqual(later);
  });

  it('do not bury a later generation under an answer that comes late', async () => {
    const rig = new RefreshRig();
    const answer = { ...(await grantedElsewhere()), generation: 7 };
    rig.answer = () => {
      rig.journal.entries.set('acme/shop', { keeperId: 'keeper-1', epoch: 1, answer });
      return abitmediaTokens(6);
    };
    await rig.attempt();
    expect(rig.journal.entries.get('acme/shop')?.answer).toEqual(answer);
  });

  it('keep the answer of the first although the second has begun', async () => {
    const rig = new RefreshRig();
    rig.answer = () => {
      rig.journal.entries.set('acme/shop', {
        keeperId: 'keeper-1',
        epoch: 1,
        intent: { fingerprint: 'f', atMs: SCHEDULED_AT, deadlineAtMs: SCHEDULED_AT + 20_000 },
      });
      return abitmediaTokens(6);
    };
    const granted = await rig.attempt();
    expect(rig.journal.entries.get('acme/shop')?.answer).toEqual(granted);
  });

  async function grantedElsewhere(): Promise<RefreshResult> {
    const other = new RefreshRig();
    other.answer = () => abitmediaTokens(6);
    return other.attempt();
  }
});

describe('an attempt that was held up', () => {
  afterEach(() => vi.restoreAllMocks());

  it('sends nothing when it comes to its request too late, since another may have begun', async () => {
    const rig = new RefreshRig();
    rig.journal.onRead = passTime(SEND_WITHIN_MS + 1);
    const failure = await rig.failure();
    expect(failure.details[0].code).toBe('attempt_too_late');
    expect(rig.sent).toHaveLength(0);
    expect(rig.journal.writes).toHaveLength(0);
  });

  it('sends nothing and takes its intent back when writing that took too long', async () => {
    const rig = new RefreshRig();
    rig.journal.onUpdate = passTime(IN_DOUBT_GRACE_MS + 1);
    const failure = await rig.failure();
    expect(failure.details[0].code).toBe('intent_too_slow');
    expect(rig.sent).toHaveLength(0);
    expect(rig.journal.entries.get('acme/shop')?.intent).toBeUndefined();
  });

  it('counts its wait for a worker into the deadline of its intent', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt({}, { scheduledAt: Date.now() - 60_000 });
    const intent = rig.journal.writes[0]?.intent;
    expect((intent?.deadlineAtMs ?? 0) - (intent?.atMs ?? 0)).toBeGreaterThanOrEqual(80_000);
  });

  /** Lets the monotonic clock jump when called, as it does for a process that was paused. */
  function passTime(ms: number): () => void {
    return () => {
      const before = performance.now();
      vi.spyOn(performance, 'now').mockReturnValue(before + ms);
    };
  }
});

describe('an attempt that sends nothing', () => {
  it('is retried with a clear reason when the journal cannot be read', async () => {
    const rig = new RefreshRig();
    rig.journal.failsToRead = true;
    const failure = await rig.failure();
    expect(failure).toMatchObject({ type: 'JournalUnavailableError', nonRetryable: false });
    expect(rig.sent).toHaveLength(0);
  });

  it('is retried with a clear reason when its intent cannot be written', async () => {
    const rig = new RefreshRig();
    rig.journal.writesLeft = 0;
    const failure = await rig.failure();
    expect(failure.details[0].code).toBe('intent_not_written');
    expect(failure.details[0].action).toContain('EVERTOKEN_JOURNAL_DIR');
    expect(rig.sent).toHaveLength(0);
  });

  it.each([
    ['unknown_provider', { provider: 'nobody' }],
    ['unusable_config', { config: { surprise: 1 } }],
    ['unusable_material', { material: { refreshToken: 'two\r\nlines' } }],
    ['missing_secret', { material: { refreshToken: { $workerEnv: 'EVERTOKEN_SECRET_NONE' } } }],
    ['missing_secret', { material: { refreshToken: { $workerEnv: 'PATH' } } }],
    ['missing_secret', { material: { refreshToken: { $workerFile: '/etc/passwd' } } }],
  ])('is a misconfigured worker for %s', async (code, overrides) => {
    const rig = new RefreshRig();
    rig.env = { PATH: '/bin' };
    const failure = await rig.failure(overrides);
    expect(failure).toMatchObject({ type: 'WorkerMisconfiguredError', nonRetryable: false });
    expect(failure.details[0].code).toBe(code);
    expect(rig.sent).toHaveLength(0);
  });

  it('lets itself be cancelled', async () => {
    const rig = new RefreshRig();
    const environment = quietEnvironment();
    environment.cancel();
    const failure = await rig.failure({}, {}, environment);
    expect(failure.name).toBe('CancelledFailure');
    expect(rig.sent).toHaveLength(0);
    expect(rig.journal.writes).toHaveLength(0);
  });
});

describe('an attempt whose request is on the way', () => {
  it('is not cancelled: the answer is recorded and returned', async () => {
    const rig = new RefreshRig();
    const environment = quietEnvironment();
    rig.answer = async () => {
      environment.cancel();
      await Promise.resolve();
      return abitmediaTokens(6);
    };
    expect((await rig.attempt({}, {}, environment)).generation).toBe(6);
  });

  it('says so by its first heartbeat', async () => {
    const rig = new RefreshRig();
    const environment = quietEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    rig.answer = () => {
      expect(beats).toEqual(['sent']);
      return abitmediaTokens(6);
    };
    await rig.attempt({}, {}, environment);
    expect(beats[0]).toBe('sent');
  });
});
