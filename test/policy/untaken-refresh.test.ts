import { expect, it } from 'vitest';
import { UNTAKEN_MAX_MS } from '../../src/policy/attempt-numbers.js';
import { UNFORCED_SPACING_MS } from '../../src/policy/keeper-numbers.js';
import { untakenMs } from '../../src/policy/delayed-refresh.js';
import { NOW, token } from '../support/keeper-fixture.js';

it.each<[string, number | undefined, number]>([
  ['until its token expires', NOW + 60_000, 60_000],
  ['until the keeper may ask again, where its token expires before', NOW + 50, UNFORCED_SPACING_MS],
  ['a day where its token lives longer', NOW + 2 * UNTAKEN_MAX_MS, UNTAKEN_MAX_MS],
  ['a day where its token has expired', NOW, UNTAKEN_MAX_MS],
  ['a day where there is no token', undefined, UNTAKEN_MAX_MS],
])('a refresh waits for a worker %s', (_how, expiresAtMs, waitMs) => {
  const kept = expiresAtMs === undefined ? {} : { token: token({ expiresAtMs }) };
  expect(untakenMs(kept, NOW)).toBe(waitMs);
});
