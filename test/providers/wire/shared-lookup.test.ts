import dns from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createSend } from '../../../src/providers/wire/send.js';

it('requests to one host at once look it up once, so that one whose name servers hang leaves threads to the others', async () => {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  /** Each answers a lookup, of whose name the servers hang until then. */
  const hanging: (() => void)[] = [];
  const lookup = vi.spyOn(dns, 'lookup').mockImplementation((...asked: unknown[]) => {
    const answer = asked.at(-1) as (error: null, addresses: dns.LookupAddress[]) => void;
    hanging.push(() => {
      answer(null, [{ address: '127.0.0.1', family: 4 }]);
    });
  });
  onTestFinished(() => {
    lookup.mockRestore();
  });
  const send = createSend({ deadlineMs: 10_000 });
  const request = { method: 'GET', url: `http://localhost:${port}/`, headers: {} } as const;

  const answers = Promise.all(Array.from({ length: 10 }, () => send(request)));
  await setImmediate();
  expect(hanging).toHaveLength(1);
  hanging.shift()?.();
  expect((await answers).map(({ status }) => status)).toEqual(
    Array.from({ length: 10 }, () => 200),
  );

  const later = send(request);
  await setImmediate();
  hanging.shift()?.();
  expect(await later).toMatchObject({ status: 200 });
});
