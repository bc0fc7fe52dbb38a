import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LOOPBACK } from '../../src/contract/loopback.js';
import type { RefreshResult } from '../../src/contract/refresh-activity.js';
import { UnopenedEntryError } from '../../src/journal/port.js';
import {
  HEARTBEAT_TIMEOUT_MS,
  HTTP_DEADLINE_MS,
  IN_DOUBT_GRACE_MS,
  SEND_WITHIN_MS,
} from '../../src/policy/attempt-numbers.js';
import { WireError } from '../../src/providers/wire-error.js';
import { createSend } from '../../src/providers/wire/send.js';
import { MemoryJournal } from '../support/memory-journal.js';
import {
  LOGIN,
  abitmediaRefusal,
  abitmediaTokens,
  answerOf,
  quietEnvironment,
  RefreshRig,
  SCHEDULED_AT,
  journalEntry,
  OAUTH2,
  OTHER_INTENT,
} from '../support/refresh-rig.js';

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
    expect(rig.journal.writes[0]).toMatchObject(journalEntry());
    expect(rig.journal.writes[0]?.intent?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(rig.journal.writes.slice(1)).toEqual([journalEntry({ answer: result })]);
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
    const failure = await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 9_000 });
    expect(failure.type).toBe('AwaitingAnswerError');
    expect(failure.nonRetryable).toBe(false);
    expect(failure.nextRetryDelay).toBeGreaterThan(24_000);
    expect(failure.nextRetryDelay).toBeLessThanOrEqual(25_000 + 1_000);
    expect(rig.sent).toHaveLength(1);
  });

  it.each([
    ['ahead', 3_600_000],
    ['behind', -15_000],
  ])(
    'waits by the server’s word alone where the clock of the dead one’s worker was %s',
    async (_, offMs) => {
      const rig = new RefreshRig();
      // It waited 12 s for its worker, which a clock that is behind does not tell.
      vi.spyOn(Date, 'now').mockReturnValue(SCHEDULED_AT + 12_000 + offMs);
      await openIntent(rig);
      vi.restoreAllMocks();
      const foundAt = SCHEDULED_AT + 12_000 + HEARTBEAT_TIMEOUT_MS;
      const beganAt = performance.now();
      const found = await rig.failure({}, { attempt: 2, scheduledAt: foundAt });
      const tookMs = Math.ceil(performance.now() - beganAt);
      expect(found.type).toBe('AwaitingAnswerError');
      const waitMs = found.nextRetryDelay ?? Infinity;
      const surelyOverAt = SCHEDULED_AT + 12_000 + HTTP_DEADLINE_MS + IN_DOUBT_GRACE_MS;
      expect(foundAt + tookMs + waitMs).toBeGreaterThanOrEqual(surelyOverAt);
      expect(foundAt + waitMs).toBeLessThan(surelyOverAt + HEARTBEAT_TIMEOUT_MS + SEND_WITHIN_MS);

      const tooEarly = { attempt: 3, scheduledAt: foundAt + 10_000 };
      expect((await rig.failure({}, tooEarly)).nextRetryDelay).toBeLessThanOrEqual(
        waitMs + tookMs - 10_000,
      );
      const over = { attempt: 4, scheduledAt: foundAt + waitMs + 100 };
      expect(await rig.attempt({}, over)).toMatchObject({ generation: 6 });
      expect(rig.sent).toHaveLength(2);
    },
  );

  it('is retried with a clear reason when it cannot record that it found the intent', async () => {
    const rig = new RefreshRig();
    await openIntent(rig);
    rig.journal.writesLeft = 0;
    const failure = await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 8_000 });
    expect(failure).toMatchObject({ type: 'JournalUnavailableError', nonRetryable: false });
    expect(failure.details[0].code).toBe('intent_not_written');
    expect(rig.sent).toHaveLength(1);
  });

  it('lets one that stood still, and that the server has given up, shorten nobody’s wait', async () => {
    const rig = new RefreshRig();
    // The second attempt’s request is open, and the first one wakes up only now.
    await openIntent(rig, { attempt: 2, scheduledAt: SCHEDULED_AT + 9_000 });
    const stale = await rig.failure({}, { attempt: 1, scheduledAt: SCHEDULED_AT });
    expect(stale.type).toBe('AwaitingAnswerError');
    const third = await rig.failure({}, { attempt: 3, scheduledAt: SCHEDULED_AT + 26_000 });
    expect(third.type).toBe('AwaitingAnswerError');
    expect(rig.sent).toHaveLength(1);
  });

  it('sends once more when that time is over, and is fresh if the provider grants a grace', async () => {
    const rig = new RefreshRig();
    await openIntent(rig);
    await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 9_000 });
    rig.answer = () => abitmediaTokens(6);
    const result = await rig.attempt({}, { attempt: 3, scheduledAt: SCHEDULED_AT + 60_000 });
    expect(result.generation).toBe(6);
    expect(rig.sent).toHaveLength(2);
  });

  it('ends as outcome_unknown and names the lost request’s time if the provider refuses', async () => {
    const rig = new RefreshRig();
    await openIntent(rig);
    await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 9_000 });
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
  async function openIntent(
    rig: RefreshRig,
    info?: { readonly attempt: number; readonly scheduledAt: number },
  ): Promise<void> {
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt({}, info);
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
      rig.journal.entries.set('acme/shop', journalEntry({ answer: granted }));
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
        rig.journal.entries.set('acme/shop', journalEntry({ answer: granted }));
      return abitmediaRefusal();
    };
    expect(await rig.attempt()).toEqual(granted);
    expect(rig.journal.entries.get('acme/shop')?.answer).toEqual(granted);
  });

  it('do not both send: the one whose entry has changed since it was read sends nothing', async () => {
    const rig = new RefreshRig();
    const other = journalEntry({ intent: OTHER_INTENT });
    rig.journal.onUpdate = () => rig.journal.entries.set('acme/shop', other);
    const failure = await rig.failure();
    expect(failure).toMatchObject({ type: 'TransientRefreshError', nonRetryable: false });
    expect(failure.details[0].code).toBe('attempt_too_late');
    expect(rig.sent).toHaveLength(0);
    expect(rig.journal.entries.get('acme/shop')).toEqual(other);
  });

  it('do not bury the open intent of one under the failure of the other', async () => {
    const rig = new RefreshRig();
    const other = journalEntry({ intent: OTHER_INTENT });
    rig.answer = () => {
      rig.journal.entries.set('acme/shop', other);
      return answerOf(503, '');
    };
    expect((await rig.failure()).type).toBe('TransientRefreshError');
    expect(rig.journal.entries.get('acme/shop')).toEqual(other);
  });

  it('do not bury the entry of a later login under an answer that comes late, and keep the answer beside it', async () => {
    const rig = new RefreshRig();
    const later = journalEntry({
      lineage: 'login-b',
      epoch: 2,
      earlierLogins: [{ lineage: LOGIN, replacedAtMs: SCHEDULED_AT }],
    });
    rig.answer = () => {
      rig.journal.entries.set('acme/shop', later);
      return abitmediaTokens(6);
    };
    const answer = await rig.attempt();
    expect(answer.generation).toBe(6);
    expect(rig.journal.entries.get('acme/shop')).toEqual({
      ...later,
      earlierLogins: [{ lineage: LOGIN, replacedAtMs: SCHEDULED_AT, answer }],
    });
  });

  it('do not bury a later generation under an answer that comes late', async () => {
    const rig = new RefreshRig();
    const answer = { ...(await grantedElsewhere()), generation: 7 };
    rig.answer = () => {
      rig.journal.entries.set('acme/shop', journalEntry({ answer }));
      return abitmediaTokens(6);
    };
    await rig.attempt();
    expect(rig.journal.entries.get('acme/shop')?.answer).toEqual(answer);
  });

  it('keep the answer of the first although the second has begun', async () => {
    const rig = new RefreshRig();
    rig.answer = () => {
      rig.journal.entries.set('acme/shop', journalEntry({ intent: OTHER_INTENT }));
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

  it('sends nothing either when its machine was suspended meanwhile, during which only the wall clock goes on', async () => {
    const late = new RefreshRig();
    late.journal.onRead = suspendFor(SEND_WITHIN_MS + 1_000);
    expect((await late.failure()).details[0].code).toBe('attempt_too_late');
    expect(late.journal.writes).toHaveLength(0);

    const slow = new RefreshRig();
    // The wall clock stands still here, so it misses the moments that the attempt took before.
    slow.journal.onUpdate = suspendFor(IN_DOUBT_GRACE_MS + 1_000);
    expect((await slow.failure()).details[0].code).toBe('intent_too_slow');
    expect(slow.journal.entries.get('acme/shop')?.intent).toBeUndefined();
    expect([...late.sent, ...slow.sent]).toEqual([]);
  });

  it.each([
    ['it stood still', passTime],
    ['its machine was suspended', suspendFor],
  ])('sends nothing when %s between its intent and its request', async (_, standStill) => {
    const provider = createServer().listen(0, LOOPBACK);
    const requests = vi.fn();
    provider.on('request', requests);
    await once(provider, 'listening');
    const { port } = provider.address() as AddressInfo;
    const rig = new RefreshRig();
    const send = createSend({ deadlineMs: HTTP_DEADLINE_MS });
    rig.send = (request, elapsedMs) => {
      standStill(HTTP_DEADLINE_MS)();
      return send(request, elapsedMs);
    };
    const failure = await rig.failure({ config: { baseUrl: `http://${LOOPBACK}:${port}` } });
    expect(failure.details[0].code).toBe('not_connected');
    expect(rig.journal.entries.get('acme/shop')?.intent).toBeUndefined();
    expect(requests).not.toHaveBeenCalled();
    provider.close();
  });

  it('records how old it was when it sent, by a clock that nobody sets, and nothing of the worker’s own', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt({}, { scheduledAt: Date.now() - 60_000 });
    const intent = rig.journal.writes[0]?.intent;
    expect(intent?.attemptAgeMs).toBeLessThan(SEND_WITHIN_MS);
    expect(Object.keys(intent ?? {}).sort()).toEqual(['atMs', 'attemptAgeMs', 'fingerprint', 'id']);
  });

  /** Lets the monotonic clock jump when called, as it does for a process that was paused. */
  function passTime(ms: number): () => void {
    return () => {
      const before = performance.now();
      vi.spyOn(performance, 'now').mockReturnValue(before + ms);
    };
  }

  /** Lets only the wall clock jump when called, as it does for a machine that was suspended. */
  function suspendFor(ms: number): () => void {
    return () => {
      const before = Date.now();
      vi.spyOn(Date, 'now').mockReturnValue(before + ms);
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

  it('is retried with what to do when the journal’s entry does not open, and the log names the key', async () => {
    const rig = new RefreshRig();
    rig.journal.failsToRead = true;
    rig.journal.readError = new UnopenedEntryError('acme/one', 'old-key');
    const failure = await rig.failure();
    expect(failure).toMatchObject({ type: 'JournalUnavailableError', nonRetryable: false });
    expect(failure.details[0].code).toBe('journal_undecipherable');
    expect(failure.details[0].action).toMatch(/keys usage.*evertoken forget \S+ --terminate/);
    expect(rig.logged.join('\n')).toContain('"keyId":"old-key"');
    expect(rig.sent).toHaveLength(0);
  });

  it('is retried with a clear reason when its intent cannot be written', async () => {
    const rig = new RefreshRig();
    rig.journal.writesLeft = 0;
    const failure = await rig.failure();
    expect(failure.details[0].code).toBe('intent_not_written');
    expect(failure.details[0].action).toContain('EVERTOKEN_JOURNAL_DIR');
    expect(rig.logged.join('\n')).toContain('"journalError":"cannot be written"');
    expect(rig.sent).toHaveLength(0);
  });

  it.each([
    ['unknown_provider', undefined, { provider: 'nobody' }],
    ['unusable_config', /cannot be used \[key=/, { config: { surprise: 1 } }],
    [
      'unusable_material',
      /cannot be used \[field=refreshToken/,
      { material: { refreshToken: 'two\r\nlines' } },
    ],
    ['unusable_material', /cannot be used \[field=refreshToken/, { material: {} }],
    [
      'unusable_material',
      /cannot be used \[field=later/,
      { material: { refreshToken: 'refresh-5', later: 'CANARY' } },
    ],
    [
      'unusable_material',
      /cannot be used \[field=clientPrivateKey, problem=is not a private key/,
      {
        ...OAUTH2,
        config: { ...OAUTH2.config, clientAuthentication: 'private_key_jwt' },
        material: { refreshToken: 'refresh-5', clientPrivateKey: 'CANARY' },
      },
    ],
    [
      'missing_secret',
      /no variable on the worker \[field=refreshToken\]/,
      { material: { refreshToken: { $workerEnv: 'EVERTOKEN_SECRET_NONE' } } },
    ],
    [
      'missing_secret',
      /no variable on the worker \[field=refreshToken\]/,
      { material: { refreshToken: { $workerEnv: 'PATH' } } },
    ],
    [
      'missing_secret',
      /no file on the worker \[field=refreshToken\]/,
      { material: { refreshToken: { $workerFile: '/etc/passwd' } } },
    ],
  ])(
    'is a misconfigured worker for %s, and logs which part it is: %s',
    async (code, problem, overrides) => {
      const rig = new RefreshRig();
      rig.env = { PATH: '/bin' };
      const failure = await rig.failure(overrides);
      expect(failure).toMatchObject({ type: 'WorkerMisconfiguredError', nonRetryable: false });
      expect(failure.details[0].code).toBe(code);
      expect(rig.sent).toHaveLength(0);
      const { facts } = JSON.parse(rig.logged.at(-1) ?? '{}') as { facts: Record<string, string> };
      if (problem === undefined) expect(facts).not.toHaveProperty('problem');
      else expect(facts['problem']).toMatch(problem);
      expect(rig.logged.join()).not.toContain('CANARY');
    },
  );

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

  it('says so by its first heartbeat where no journal knows the credential yet', async () => {
    const rig = new RefreshRig();
    const environment = quietEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    rig.answer = () => {
      expect(beats).toEqual([{ sentWithJournal: 'journal-1' }]);
      return abitmediaTokens(6);
    };
    await rig.attempt({}, {}, environment);
    expect(beats[0]).toEqual({ sentWithJournal: 'journal-1' });
  });

  it('says so once it lasts for a second where its intent is in the journal that the keeper knows', async () => {
    const rig = new RefreshRig();
    rig.journal.entries.set('acme/shop', journalEntry());
    const environment = quietEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    rig.answer = async () => {
      expect(beats).toEqual([]);
      await expect.poll(() => beats[0]).toEqual({ sentWithJournal: 'journal-1' });
      return abitmediaTokens(6);
    };
    expect((await rig.attempt({ journalId: 'journal-1' }, {}, environment)).generation).toBe(6);
  });
});

describe('an attempt whose journal knows more than the keeper', () => {
  it('adopts the newest answer without a request when Temporal’s database was lost', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    const newest = await rig.attempt();
    const started = { generation: 0, material: { refreshToken: 'refresh-0' } };
    expect(await rig.attempt(started)).toEqual(newest);
    expect(rig.sent).toHaveLength(1);
  });

  it('sends nothing with material of a login that was replaced, and says when it was', async () => {
    const rig = new RefreshRig();
    const replaced = [{ lineage: LOGIN, replacedAtMs: SCHEDULED_AT - 86_400_000 }];
    const entry = journalEntry({ lineage: 'login-b', epoch: 2, earlierLogins: replaced });
    rig.journal.entries.set('acme/shop', entry);
    const failure = await rig.failure({ generation: 0 });
    expect(failure).toMatchObject({ type: 'PermanentRefreshError', nonRetryable: true });
    expect(failure.details[0]).toMatchObject({ code: 'login_replaced' });
    expect(failure.details[0].action).toContain('2031-05-04T00:00');
    expect(failure.details[0].action).toContain('--return-to-earlier-login');
    expect(rig.sent).toHaveLength(0);
    expect(rig.journal.entries.get('acme/shop')).toEqual(entry);
  });

  it('sends nothing with settings that were replaced', async () => {
    const rig = new RefreshRig();
    rig.journal.entries.set('acme/shop', journalEntry({ application: 2_000, settings: 'later' }));
    const failure = await rig.failure();
    expect(failure.details[0]).toMatchObject({ code: 'settings_replaced', application: 2_000 });
    expect(rig.sent).toHaveLength(0);
  });

  it('goes on with the same settings, however far ahead the clock was that applied them last', async () => {
    const rig = new RefreshRig();
    rig.journal.entries.set('acme/shop', journalEntry({ application: 2_000 }));
    rig.answer = () => abitmediaTokens(6);
    expect((await rig.attempt()).generation).toBe(6);
    expect(rig.journal.entries.get('acme/shop')?.application).toBe(2_000);
  });

  it('keeps the newest answer of a login that another one replaces', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    const newest = await rig.attempt();
    await rig.attempt({ lineage: 'login-b', epoch: 2, generation: 6 });
    expect(rig.journal.entries.get('acme/shop')).toMatchObject({
      lineage: 'login-b',
      epoch: 2,
      earlierLogins: [{ lineage: LOGIN, answer: newest }],
    });
  });

  it('goes on from that answer without a request when an operator returns to its login', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt();
    await rig.attempt({ lineage: 'login-b', epoch: 2, generation: 6 });
    const back = await rig.attempt({ generation: 0, returns: true, application: 2_000 });
    expect(back).toMatchObject({ lineage: LOGIN, epoch: 3, token: { value: 'access-6' } });
    expect(rig.sent).toHaveLength(2);
    expect(rig.journal.entries.get('acme/shop')).toMatchObject({
      lineage: LOGIN,
      earlierLogins: [{ lineage: 'login-b' }],
    });
  });
});

describe('an application that no refresh follows at once', () => {
  it('is told to the journal without a request, so that a keeper that forgets it is found out', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt();
    const material = { refreshToken: 'refresh-6' };
    const config = { baseUrl: 'https://api.example.com' };
    const updated = { generation: 6, material, application: 2_000, config };
    expect(await rig.recordApplication(updated)).toEqual({
      credentialId: 'acme/shop',
      login: { lineage: LOGIN, epoch: 1, application: 2_000, earlierLogins: [] },
    });
    const reset = await rig.failure({ generation: 6, material });
    expect(reset.details[0]).toMatchObject({ code: 'settings_replaced', application: 2_000 });
    expect(rig.sent).toHaveLength(1);
  });

  it('brings the newest answer of its login, where a file brought an older token', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    const newest = await rig.attempt();
    const seeded = { generation: 0, application: 2_000 };
    expect(await rig.recordApplication(seeded)).toEqual({ credentialId: 'acme/shop', newest });
    expect(rig.sent).toHaveLength(1);
  });

  it('tells a keeper that was started anew which logins the journal knows before its own', async () => {
    const rig = new RefreshRig();
    rig.journal.entries.set('acme/shop', journalEntry({ lineage: 'login-a', epoch: 3 }));
    const { login } = await rig.recordApplication({ generation: 0, application: 2_000 });
    expect(login).toMatchObject({
      lineage: LOGIN,
      epoch: 4,
      earlierLogins: [{ lineage: 'login-a' }],
    });
  });

  it('is refused where its login was replaced', async () => {
    const rig = new RefreshRig();
    const earlierLogins = [{ lineage: LOGIN, replacedAtMs: SCHEDULED_AT }];
    const entry = journalEntry({ lineage: 'login-b', epoch: 2, earlierLogins });
    rig.journal.entries.set('acme/shop', entry);
    await expect(rig.recordApplication({ generation: 0 })).rejects.toMatchObject({
      type: 'PermanentRefreshError',
      details: [{ code: 'login_replaced' }],
    });
  });
});

describe('an old request that once returned to an earlier login', () => {
  it('does not bring that login back over the one that was returned to since', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt();
    const later = { lineage: 'login-b', material: { refreshToken: 'of b' }, generation: 6 };
    await rig.attempt({ ...later, epoch: 2, application: 4_000 });
    const standing = rig.journal.entries.get('acme/shop');
    const old = { application: 3_000, returns: true } as const;
    for (const generation of [0, 7]) {
      const failure = await rig.failure({ ...old, generation });
      expect(failure.details[0]).toMatchObject({ code: 'login_replaced', application: 4_000 });
    }
    expect(rig.journal.entries.get('acme/shop')).toEqual(standing);
    expect(rig.sent).toHaveLength(2);
  });
});

describe('a login that was in doubt when another one took its place', () => {
  it('is in doubt again once an operator returns to it', async () => {
    const rig = new RefreshRig();
    rig.answer = () => Promise.reject(new WireError('answer_too_large', true));
    await rig.failure();
    rig.answer = () => abitmediaTokens(7);
    const other = { lineage: 'login-b', material: { refreshToken: 'of b' }, epoch: 2 };
    await rig.attempt({ ...other, application: 2_000 });
    rig.answer = abitmediaRefusal;
    const back = await rig.failure({ returns: true, application: 3_000, generation: 7 });
    const doubtSinceMs = rig.journal.writes[0]?.intent?.atMs;
    expect(back.details[0]).toMatchObject({ code: 'outcome_unknown', doubtSinceMs });
  });
});

describe('a journal of before the present login', () => {
  it('makes a refusal doubtful, since it has forgotten what was refreshed', async () => {
    const rig = new RefreshRig();
    rig.journal.entries.set('acme/shop', journalEntry({ lineage: 'login-0' }));
    rig.answer = abitmediaRefusal;
    const refused = await rig.failure({ lineage: 'login-b', epoch: 2, application: 2_000 });
    expect(refused.details[0].code).toBe('outcome_unknown');
  });
});

describe('an attempt with another journal than the keeper’s', () => {
  it('sends nothing and names its own, so that an operator can move the keeper to it', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    const { journalId } = await rig.attempt();
    rig.journal = new MemoryJournal('journal-2');
    const failure = await rig.failure({ journalId });
    expect(failure).toMatchObject({ type: 'JournalUnavailableError', nonRetryable: false });
    expect(failure.details[0]).toMatchObject({ code: 'other_journal', journalId: 'journal-2' });
    expect(failure.details[0].action).toContain('evertoken journal move acme/shop --to journal-2');
    expect(rig.sent).toHaveLength(1);
  });

  it('sends nothing at a first refresh that another worker has begun', async () => {
    const rig = new RefreshRig();
    const failure = await rig.failure(
      {},
      { attempt: 2, heartbeatDetails: { sentWithJournal: 'journal-2' } },
    );
    expect(failure.details[0].code).toBe('other_journal');
    expect(rig.sent).toHaveLength(0);
  });
});
