import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { RequestPace } from '../../src/activities/request-pace.js';

/** A timer may end so much before its time. */
const TIMER_SLACK_MS = 2;

describe('the pace of a worker', () => {
  it('keeps requests of a limited task queue apart, and those of others together', async () => {
    const pace = new RequestPace({ limited: 50 });
    const turn = async (taskQueue: string): Promise<number> => {
      await pace.turn(taskQueue);
      return performance.now();
    };
    const startedAt = performance.now();
    const order: string[] = [];
    const note = (taskQueue: string) => (): number => order.push(taskQueue);
    const limited = [turn('limited'), turn('limited'), turn('limited')];
    await Promise.all([
      ...limited.map((one) => one.then(note('limited'))),
      turn('free').then(note('free')),
      turn('free').then(note('free')),
    ]);
    const [, second = 0, third = 0] = await Promise.all(limited);
    expect(second - startedAt).toBeGreaterThanOrEqual(20 - TIMER_SLACK_MS);
    expect(third - startedAt).toBeGreaterThanOrEqual(40 - TIMER_SLACK_MS);
    expect(order.slice(0, 3).sort()).toEqual(['free', 'free', 'limited']);
  });
});
