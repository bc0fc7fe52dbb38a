import { EventEmitter, once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { REFRESH_DELAYED_AFTER_MS } from '../../src/policy/attempt-numbers.js';
import { abitmediaRefusal, abitmediaTokens, answerOf, RefreshRig } from '../support/refresh-rig.js';

/** A rig whose provider is down. */
function failingRig(): RefreshRig {
  const rig = new RefreshRig();
  rig.answer = () => answerOf(503, {});
  return rig;
}

afterEach(() => vi.useRealTimers());

describe('the keeper of a refresh', () => {
  it('is told nothing by an attempt that makes a token', async () => {
    const rig = new RefreshRig();
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt();
    expect(rig.delaysTold).toEqual([]);
  });

  it('is told that it takes longer by an attempt that another one must follow', async () => {
    const rig = failingRig();
    await rig.failure();
    expect(rig.delaysTold).toEqual(['journal-1']);
  });

  it('is told so by an attempt that lasts, before its answer comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const rig = new RefreshRig();
    const answer = new EventEmitter();
    const answered = once(answer, 'answer');
    rig.answer = async () => {
      await answered;
      return abitmediaTokens(6);
    };
    const attempt = rig.attempt();
    while (rig.sent.length === 0) await setImmediate();
    vi.advanceTimersByTime(REFRESH_DELAYED_AFTER_MS - 1);
    expect(rig.delaysTold).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(rig.delaysTold).toEqual(['journal-1']);
    answer.emit('answer');
    await attempt;
    expect(rig.delaysTold).toEqual(['journal-1']);
  });

  it('is told nothing by an attempt that ends the refresh without a token', async () => {
    const rig = new RefreshRig();
    rig.answer = abitmediaRefusal;
    expect(await rig.failure()).toMatchObject({ nonRetryable: true });
    expect(rig.delaysTold).toEqual([]);
  });

  it('is told in which journal the request of an earlier attempt is recorded, by a worker that has another one', async () => {
    const rig = failingRig();
    const heartbeatDetails = { sentWithJournal: 'journal-2' };
    const held = await rig.failure({}, { attempt: 2, heartbeatDetails });
    expect(held).toMatchObject({ type: 'JournalUnavailableError' });
    expect(rig.delaysTold).toEqual(['journal-2']);
  });

  it('is told of no journal where nothing was sent', async () => {
    const rig = failingRig();
    rig.journal.failsToRead = true;
    await rig.failure();
    expect(rig.delaysTold).toEqual([undefined]);
  });

  it('is told again, ever more rarely, since a word may be lost', async () => {
    const rig = failingRig();
    const telling: number[] = [];
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      const before = rig.delaysTold.length;
      await rig.failure({}, { attempt });
      if (rig.delaysTold.length > before) telling.push(attempt);
    }
    expect(telling).toEqual([1, 2, 4, 8, 16]);
  });
});
