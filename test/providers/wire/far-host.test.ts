import dns from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, getDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createSend } from '../../../src/providers/wire/send.js';

/** Nothing else happens in this process for so long. */
function standStill(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}

it('a host with an address that cannot be reached has time for a slow connection to the other one', async () => {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://localhost:${port}/`;
  const lookup = vi.spyOn(dns, 'lookup').mockImplementation((...asked: unknown[]) => {
    const found = asked.at(-1) as (error: null, addresses: dns.LookupAddress[]) => void;
    process.nextTick(found, null, [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
  });
  onTestFinished(() => {
    lookup.mockRestore();
  });
  const answer = createSend({ deadlineMs: 10_000 })({ method: 'GET', url, headers: {} });
  await new Promise((resolve) => process.nextTick(resolve));
  await new Promise((resolve) => process.nextTick(resolve));
  // The connection is made meanwhile, but this process sees it as late as that of a far host.
  standStill(2 * getDefaultAutoSelectFamilyAttemptTimeout());
  expect(await answer).toMatchObject({ status: 200, text: 'ok' });
});
