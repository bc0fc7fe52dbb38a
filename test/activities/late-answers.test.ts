import { describe, expect, it } from 'vitest';
import type { RefreshRequest } from '../../src/contract/refresh-activity.js';
import { fingerprintOf } from '../../src/providers/fingerprint.js';
import type { WireAnswer } from '../../src/providers/port.js';
import { answerOf, LOGIN, RefreshRig, SCHEDULED_AT } from '../support/refresh-rig.js';

const REFUSED = answerOf(400, {
  success: false,
  status: 400,
  message: 'Token de refresco inválido o expirado',
});
/** What the keeper asks for once it has what B was granted. */
const LATER = { generation: 6, material: { refreshToken: 'refresh-of-B' }, lineage: LOGIN };

function granted(name: string): WireAnswer {
  return answerOf(200, {
    success: true,
    status: 200,
    message: 'ok',
    accessToken: `access-${name}`,
    refreshToken: `refresh-${name}`,
    expiresIn: 3_600,
  });
}

/** Lets the provider keep the next request open; resolves once that went out. */
function held(rig: RefreshRig): { isSent: Promise<void>; answer: (answer: WireAnswer) => void } {
  let answer: (answer: WireAnswer) => void = () => undefined;
  const isSent = new Promise<void>((resolve) => {
    rig.answer = () => {
      resolve();
      return new Promise<WireAnswer>((give) => (answer = give));
    };
  });
  return { isSent, answer: (given) => answer(given) };
}

/** Worker A stands still with its answer; worker B has waited the request out and was granted another one. */
async function overtaken(rig: RefreshRig): Promise<() => Promise<unknown>> {
  const ofA = held(rig);
  const a = rig.attempt();
  await ofA.isSent;
  rig.answer = () => granted('of-B');
  const early = await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 9_000 });
  expect(early.type).toBe('AwaitingAnswerError');
  const b = await rig.attempt({}, { attempt: 3, scheduledAt: SCHEDULED_AT + 40_000 });
  expect(b.token.value).toBe('access-of-B');
  return () => {
    ofA.answer(granted('of-A'));
    return a;
  };
}

describe('an answer that comes after a later request was granted', () => {
  it('takes nothing from what that one was granted, and its attempt brings that, too', async () => {
    const rig = new RefreshRig();
    const wake = await overtaken(rig);
    const ofB = { replacedMaterial: { refreshToken: 'refresh-of-B' } };
    expect(await wake()).toMatchObject(ofB);
    const next = await rig.attempt({}, { attempt: 4, scheduledAt: SCHEDULED_AT + 80_000 });
    expect(next).toMatchObject(ofB);
    expect(rig.sent).toHaveLength(2);
  });

  it('hides no open request of the refresh after it', async () => {
    const rig = new RefreshRig();
    const wake = await overtaken(rig);
    const ofC = held(rig);
    void rig.attempt(LATER, { scheduledAt: SCHEDULED_AT + 60_000 });
    await ofC.isSent;
    await wake();
    const sent = rig.sent.length;
    rig.answer = () => REFUSED;
    const failure = await rig.failure(LATER, {
      attempt: 2,
      scheduledAt: SCHEDULED_AT + 69_000,
      heartbeatDetails: { sentWithJournal: 'journal-1' },
    });
    expect(failure.type).toBe('AwaitingAnswerError');
    expect(rig.sent).toHaveLength(sent);
  });

  it.each(['before', 'after'])(
    'takes no doubt from the refresh after it, whose provider broke %s the answer came',
    async (order) => {
      const rig = new RefreshRig();
      const wake = await overtaken(rig);
      rig.answer = async () => {
        if (order === 'after') await wake();
        return answerOf(500, 'oops');
      };
      const first = await rig.failure(LATER, { scheduledAt: SCHEDULED_AT + 60_000 });
      expect(first.type).toBe('TransientRefreshError');
      if (order === 'before') await wake();
      expect(rig.journal.entries.get('acme/shop')?.setback).toMatchObject({ count: 1 });
      rig.answer = () => REFUSED;
      const second = await rig.failure(LATER, { attempt: 2, scheduledAt: SCHEDULED_AT + 70_000 });
      expect(second).toMatchObject({
        type: 'PermanentRefreshError',
        details: [{ code: 'outcome_unknown' }],
      });
    },
  );
});

describe('an answer that comes while a later request is open', () => {
  it('is kept, and returned to the refused one', async () => {
    const rig = new RefreshRig();
    const ofA = held(rig);
    const a = rig.attempt();
    await ofA.isSent;
    await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 9_000 });
    rig.answer = async () => {
      ofA.answer(granted('of-A'));
      await a;
      return REFUSED;
    };
    const b = await rig.attempt({}, { attempt: 3, scheduledAt: SCHEDULED_AT + 40_000 });
    expect(b.token.value).toBe('access-of-A');
  });
});

describe('an answer that comes after the keeper has ended as outcome_unknown', () => {
  /** Worker A stands still with its answer; worker B has waited that out, and was refused. */
  async function refused(rig: RefreshRig): Promise<() => Promise<unknown>> {
    const ofA = held(rig);
    const a = rig.attempt();
    await ofA.isSent;
    await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 9_000 });
    rig.answer = () => REFUSED;
    const b = await rig.failure({}, { attempt: 3, scheduledAt: SCHEDULED_AT + 40_000 });
    expect(b.details[0]).toMatchObject({ code: 'outcome_unknown' });
    return () => {
      ofA.answer(granted('of-A'));
      return a;
    };
  }
  /** What the next run asks, to which the same file was applied. */
  const AGAIN = { refusedInDoubtSinceMs: SCHEDULED_AT + 7, application: 2_000 };
  const LATER_ON = { scheduledAt: SCHEDULED_AT + 600_000 };

  it('is adopted by the next run, without a request', async () => {
    const rig = new RefreshRig();
    const wake = await refused(rig);
    await wake();
    expect(await rig.attempt(AGAIN, LATER_ON)).toMatchObject({
      generation: 6,
      replacedMaterial: { refreshToken: 'refresh-of-A' },
    });
    expect(rig.sent).toHaveLength(2);
  });

  it('is not waited for: the next run sends nothing, and ends as the one before', async () => {
    const rig = new RefreshRig();
    await refused(rig);
    const told = await rig.recordApplication(AGAIN);
    expect(told).toMatchObject({ login: { application: 2_000 } });
    const again = await rig.failure(AGAIN, LATER_ON);
    expect(again).toMatchObject({ type: 'PermanentRefreshError', nonRetryable: true });
    expect(again.details[0]).toMatchObject({
      code: 'outcome_unknown',
      doubtSinceMs: SCHEDULED_AT + 7,
    });
    expect(rig.sent).toHaveLength(2);
  });
});

describe('a request that may be open', () => {
  it('is waited out for its whole time, also where somebody failed its attempt in the server at once', async () => {
    const rig = new RefreshRig();
    const ofA = held(rig);
    void rig.attempt();
    await ofA.isSent;
    const startedAt = performance.now();
    const second = await rig.failure({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 1_500 });
    // What the attempt itself took is no part of the delay that it asks for.
    const lastedMs = performance.now() - startedAt;
    expect(second.type).toBe('AwaitingAnswerError');
    expect(Number(second.nextRetryDelay) + lastedMs).toBeGreaterThanOrEqual(25_000);
    const early = { attempt: 3, scheduledAt: SCHEDULED_AT + 26_000 };
    expect(await rig.failure({}, early)).toMatchObject({ type: 'AwaitingAnswerError' });
    expect(rig.sent).toHaveLength(1);
  });
});

describe('a request that may be open, of a token that renews only itself and has expired since', () => {
  const REFUSED_TOKEN = answerOf(401, {
    statusCode: 401,
    error: 'Unauthorized',
    message: 'Unauthorized',
  });
  const klavi = (livesForMs: number): Partial<RefreshRequest> => ({
    provider: 'klavi',
    material: { accessToken: 'access-5' },
    lineage: fingerprintOf('access-5'),
    currentToken: {
      tokenType: 'Bearer',
      issuedAtMs: SCHEDULED_AT - 1_780_000,
      expiresAtMs: SCHEDULED_AT + livesForMs,
    },
  });

  it('is waited out, since only its answer can help: the refusal of an expired token would end the keeper before it comes', async () => {
    const rig = new RefreshRig();
    const ofA = held(rig);
    const a = rig.attempt(klavi(3_000));
    await ofA.isSent;
    rig.answer = () => REFUSED_TOKEN;
    const late = { attempt: 2, scheduledAt: SCHEDULED_AT + 9_000 };
    expect((await rig.failure(klavi(3_000), late)).type).toBe('AwaitingAnswerError');
    ofA.answer(answerOf(200, { accessToken: 'access-6', expireIn: 1_800 }));
    expect(await a).toMatchObject({ generation: 6 });
    const third = { attempt: 3, scheduledAt: SCHEDULED_AT + 40_000 };
    expect(await rig.attempt(klavi(3_000), third)).toMatchObject({ token: { value: 'access-6' } });
    expect(rig.sent).toHaveLength(1);
  });

  it('is not forgotten for a try that was made before that end', async () => {
    const rig = new RefreshRig();
    const ofA = held(rig);
    const a = rig.attempt(klavi(12_000));
    await ofA.isSent;
    rig.answer = () => REFUSED_TOKEN;
    const early = { attempt: 2, scheduledAt: SCHEDULED_AT + 9_000 };
    expect((await rig.failure(klavi(12_000), early)).type).toBe('TransientRefreshError');
    const late = { attempt: 3, scheduledAt: SCHEDULED_AT + 12_500 };
    expect((await rig.failure(klavi(12_000), late)).type).toBe('AwaitingAnswerError');
    ofA.answer(answerOf(200, { accessToken: 'access-6', expireIn: 1_800 }));
    await a;
    const last = { attempt: 4, scheduledAt: SCHEDULED_AT + 36_000 };
    expect(await rig.attempt(klavi(12_000), last)).toMatchObject({ token: { value: 'access-6' } });
  });

  it('ends the keeper once its time is over without an answer', async () => {
    const rig = new RefreshRig();
    const ofA = held(rig);
    void rig.attempt(klavi(12_000));
    await ofA.isSent;
    rig.answer = () => REFUSED_TOKEN;
    await rig.failure(klavi(12_000), { attempt: 2, scheduledAt: SCHEDULED_AT + 9_000 });
    await rig.failure(klavi(12_000), { attempt: 3, scheduledAt: SCHEDULED_AT + 12_500 });
    const over = { attempt: 4, scheduledAt: SCHEDULED_AT + 36_000 };
    expect(await rig.failure(klavi(12_000), over)).toMatchObject({
      type: 'PermanentRefreshError',
      details: [{ code: 'outcome_unknown' }],
    });
  });
});
