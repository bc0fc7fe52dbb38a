import { afterEach, expect, it, vi } from 'vitest';
import { print, printJson, report } from '../../src/cli/output.js';

const HOSTILE = 'a\u001b]0;title\u0007\r\u007f\u009b31m\tb\nc — ü';
afterEach(() => {
  vi.restoreAllMocks();
});

function written(name: 'stdout' | 'stderr', work: () => void): string {
  let all = '';
  vi.spyOn(process[name], 'write').mockImplementation((text) => {
    all += String(text);
    return true;
  });
  work();
  return all;
}

it('nothing that a command quotes makes a terminal do anything', () => {
  const shown = 'a\\u001b]0;title\\u0007\\u000d\\u007f\\u009b31m\tb\nc — ü\n';
  expect(written('stdout', () => print(HOSTILE))).toBe(shown);
  expect(written('stderr', () => report(HOSTILE))).toBe(shown);
});

it('JSON means what it meant, and holds nothing that a terminal obeys', () => {
  const json = written('stdout', () => printJson({ [HOSTILE]: HOSTILE }));
  expect(JSON.parse(json)).toEqual({ [HOSTILE]: HOSTILE });
  expect(json).not.toMatch(/(?!\n)\p{Cc}/u);
});
