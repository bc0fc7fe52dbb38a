import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KILL_POINTS, type KillPointName } from './kill-points.js';
import { runKill } from './kill-try.js';
import { Lane } from './lane.js';

describe('a refresh', { timeout: 240_000 }, () => {
  let lane: Lane;
  beforeAll(async () => {
    lane = await Lane.open();
  });
  afterAll(() => lane.close());
  it.each(Object.keys(KILL_POINTS) as KillPointName[])('survives a kill %s', async (point) => {
    for (const victim of ['worker', 'server', 'both'] as const) {
      const results = await runKill(lane, { point, victim, seed: 1 });
      console.log(results);
      expect(results.flatMap((result) => result.broken)).toEqual([]);
    }
  });
});
