import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { createSend } from '../../../src/providers/wire/send.js';

const DEADLINE_MS = 300;

/** A provider on a thread of its own: it goes on while ours stands still. Tells when it has answered. */
const PROVIDER = `
const { createServer } = require('node:http');
const { parentPort, workerData } = require('node:worker_threads');
const server = createServer((request, response) => {
  Atomics.add(workerData, 0, 1);
  Atomics.notify(workerData, 0);
  Atomics.wait(workerData, 1, 0);
  response.end('answer', () => {
    Atomics.store(workerData, 2, 1);
    Atomics.notify(workerData, 2);
  });
}).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** The provider, its address, and the steps that it and the test tell each other. */
async function startProvider() {
  const steps = new Int32Array(new SharedArrayBuffer(12));
  const provider = new Worker(PROVIDER, { eval: true, workerData: steps });
  const [port] = (await once(provider, 'message')) as [number];
  return { provider, steps, url: `http://127.0.0.1:${port}/` };
}

/** Nothing else happens in this process for so long. */
function standStill(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}

describe('a process that stood still while a request was on the way', () => {
  it('reads the answer that came meanwhile, though its deadline has passed', async () => {
    const { provider, steps, url } = await startProvider();
    try {
      const answer = createSend({ deadlineMs: DEADLINE_MS })({
        method: 'POST',
        url,
        headers: {},
        body: 'spend',
      });
      // The request is out once the loop has turned often enough for the provider to have it.
      while (Atomics.load(steps, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
      Atomics.store(steps, 1, 1);
      Atomics.notify(steps, 1);
      Atomics.wait(steps, 2, 0);
      standStill(2 * DEADLINE_MS);
      expect(await answer).toMatchObject({ status: 200, text: 'answer' });
    } finally {
      await provider.terminate();
    }
  });

  it('sends nothing after its deadline on a connection that was made meanwhile, since another attempt may have begun', async () => {
    const { provider, steps, url } = await startProvider();
    try {
      const send = createSend({ deadlineMs: DEADLINE_MS });
      const answer = send({ method: 'POST', url, headers: {}, body: 'spend' });
      const outcome = answer.then(
        () => 'answered',
        (error: unknown) => error,
      );
      // The system connects while the process stands still, before which it has only asked it to.
      await Promise.resolve();
      await new Promise((resolve) => process.nextTick(resolve));
      standStill(2 * DEADLINE_MS);
      Atomics.store(steps, 1, 1);
      Atomics.notify(steps, 1);
      expect(await outcome).toMatchObject({ code: 'not_connected', mayHaveBeenSent: false });
      await send({ method: 'POST', url, headers: {}, body: 'later' });
      expect(Atomics.load(steps, 0)).toBe(1);
    } finally {
      await provider.terminate();
    }
  });

  it('sends nothing after its deadline by the wall clock either, which alone goes on while a machine is suspended', async () => {
    const { provider, steps, url } = await startProvider();
    Atomics.store(steps, 1, 1);
    const send = createSend({ deadlineMs: 20_000 });
    try {
      const answer = send({ method: 'POST', url, headers: {}, body: 'spend' });
      const resumedAtMs = Date.now() + 3_600_000;
      vi.spyOn(Date, 'now').mockReturnValue(resumedAtMs);
      await expect(answer).rejects.toMatchObject({ code: 'not_connected', mayHaveBeenSent: false });
      vi.restoreAllMocks();
      await send({ method: 'POST', url, headers: {}, body: 'later' });
      expect(Atomics.load(steps, 0)).toBe(1);
    } finally {
      vi.restoreAllMocks();
      await provider.terminate();
    }
  });
});
