import { expect, it } from 'vitest';
import { parseDuration } from '../../src/credentials/duration.js';

it.each([
  ['30s', 30_000],
  ['5m', 300_000],
  ['12h', 43_200_000],
  ['1d', 86_400_000],
  ['0s', 0],
])('reads %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['', '30', 's', '1.5h', '-5m', '5 m', '1h30m', '12H', '9999999s'])(
  'refuses %j instead of guessing',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);
