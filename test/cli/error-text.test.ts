import { expect, it } from 'vitest';
import { errorReason, errorText } from '../../src/cli/error-text.js';
import { CommandError } from '../../src/cli/errors.js';
import { TokenError } from '../../src/client/token-error.js';

const DEBUG = { EVERTOKEN_LOG_LEVEL: 'debug' };

it.each([
  [new TokenError('NOT_FOUND', 'a', 'gone'), 'error: NOT_FOUND: gone [credential=a]'],
  [new CommandError('not now'), 'error: not now'],
])(
  'the first line of %s is the same at log level debug, which adds where it arose',
  (error, line) => {
    expect(errorText(error, {})).toBe(line);
    const [first, ...frames] = errorText(error, DEBUG)?.split('\n') ?? [];
    expect(first).toBe(line);
    expect(frames.length).toBeGreaterThan(0);
    for (const frame of frames) expect(frame).toMatch(/^ +at /);
  },
);

it('an error that is not ours is quoted only at log level debug', () => {
  const error = new RangeError('a canary');
  expect(errorText(error, {})).toBe(
    'error: unexpected [name=RangeError]; EVERTOKEN_LOG_LEVEL=debug shows more',
  );
  expect(errorText(error, DEBUG)).toMatch(/^error: RangeError: a canary\n +at /);
});

it('where an error arose is shown at log level trace, too', () => {
  const trace = { EVERTOKEN_LOG_LEVEL: 'trace' };
  expect(errorText(new RangeError('a canary'), trace)).toMatch(
    /^error: RangeError: a canary\n +at /,
  );
});

it('an error that is told within a sentence does not begin another one', () => {
  expect(errorReason(new TokenError('NOT_FOUND', 'a', 'gone'), {})).toBe(
    'NOT_FOUND: gone [credential=a]',
  );
  expect(errorReason(new RangeError('a canary'), {})).not.toContain('canary');
});
