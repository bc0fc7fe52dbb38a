import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepShowing } from '../../src/cli/commands/list.js';
import { TokenError } from '../../src/client/token-error.js';

const AWAY = new TokenError('UNAVAILABLE', 'a', 'temporal is away');
let said: string[];
beforeEach(() => {
  said = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Shows lists of which these fail, until one more was shown than there are outcomes. */
async function watched(...outcomes: readonly (Error | undefined)[]): Promise<number> {
  const end = new AbortController();
  let looks = 0;
  const show = async (): Promise<void> => {
    const outcome = outcomes[looks];
    looks += 1;
    if (looks > outcomes.length) end.abort();
    if (outcome !== undefined) throw outcome;
  };
  await keepShowing(show, 1, end.signal);
  return looks;
}

it('a watched list goes on after a failure, and says it once while it lasts', async () => {
  expect(await watched(undefined, AWAY, AWAY, undefined, AWAY)).toBe(6);
  const line = `error: UNAVAILABLE: ${AWAY.message}\n`;
  expect(said).toEqual([line, line]);
});

it('a watched list ends with the failure of its first look', async () => {
  await expect(watched(AWAY)).rejects.toBe(AWAY);
});
