import { expect, it } from 'vitest';
import { abortable } from '../../src/client/abortable.js';

it('leaves no unhandled rejection behind when the caller had given up before the work fails', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const work = Promise.reject(new Error('temporal is away'));
  await expect(abortable(work, AbortSignal.abort(new Error('gave up')))).rejects.toThrow('gave up');
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
