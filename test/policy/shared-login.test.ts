import { describe, expect, it } from 'vitest';
import { publishedSettings } from '../../src/policy/published-answer.js';
import { spendsLoginOf } from '../../src/policy/shared-login.js';
import { spec } from '../support/keeper-fixture.js';

const RENAMED = spec({ id: 'acme/renamed' });
const STILL = { spentField: 'refreshToken', rotates: false };

/** Whether a keeper with these settings spends the login that is applied as `RENAMED`. */
function isSpent(kept: Parameters<typeof spec>[0], generation?: number, isRunning = false) {
  const settings = publishedSettings(spec(kept), true);
  const answer = generation === undefined ? undefined : { generation };
  return spendsLoginOf({ settings, answer, isRunning }, RENAMED);
}

describe('a login that another id keeps', () => {
  it('is spent by a keeper that runs, that has refreshed it, or that cannot be read', () => {
    expect(isSpent({}, 0, true)).toBe(true);
    expect(isSpent({}, 1)).toBe(true);
    expect(isSpent({})).toBe(true);
  });

  it('is as it was where its keeper ended before a refresh', () => {
    expect(isSpent({}, 0)).toBe(false);
  });

  it('is spent where either of the two settings says that it rotates', () => {
    const rotating = publishedSettings(spec(), true);
    const still = publishedSettings(spec({ traits: STILL }), true);
    const running = { answer: undefined, isRunning: true };
    expect(spendsLoginOf({ ...running, settings: rotating }, { ...RENAMED, traits: STILL })).toBe(
      true,
    );
    expect(spendsLoginOf({ ...running, settings: still }, RENAMED)).toBe(true);
    expect(spendsLoginOf({ ...running, settings: still }, { ...RENAMED, traits: STILL })).toBe(
      false,
    );
  });

  it('is another one of another provider, and its own under its own id', () => {
    expect(isSpent({ provider: 'abitmedia' }, 1)).toBe(false);
    expect(isSpent({ id: RENAMED.id }, 1)).toBe(false);
  });
});
