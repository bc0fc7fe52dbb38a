import dns from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createSend } from '../../../src/providers/wire/send.js';

const LOOPBACK = [{ address: '127.0.0.1', family: 4 }];

/** Lookups that hang until they are answered, by the names that they ask for. */
class HangingLookups {
  readonly #answers: { name: string; answer: (...answer: unknown[]) => void }[] = [];

  constructor() {
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation((...asked: unknown[]) => {
      const [name, answer] = [asked[0] as string, asked.at(-1) as (...answer: unknown[]) => void];
      this.#answers.push({ name, answer });
    });
    onTestFinished(() => {
      lookup.mockRestore();
    });
  }

  /** The names of those that hang now. */
  async names(): Promise<readonly string[]> {
    await setImmediate();
    return this.#answers.map(({ name }) => name);
  }

  /** Answers the oldest of a name. */
  answer(wanted: string, ...answer: unknown[]): void {
    const index = this.#answers.findIndex(({ name }) => name === wanted);
    this.#answers.splice(index, 1)[0]?.answer(...answer);
  }
}

const send = createSend({ deadlineMs: 10_000 });

function get(url: string): ReturnType<typeof send> {
  return send({ method: 'GET', url, headers: {} });
}

it('requests to one host at once look it up once, so that one whose name servers hang leaves threads to the others', async () => {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const lookups = new HangingLookups();
  const url = `http://localhost:${port}/`;

  const answers = Promise.all(Array.from({ length: 10 }, () => get(url)));
  expect(await lookups.names()).toEqual(['localhost']);
  lookups.answer('localhost', null, LOOPBACK);
  expect((await answers).map(({ status }) => status)).toEqual(
    Array.from({ length: 10 }, () => 200),
  );

  const later = get(url);
  expect(await lookups.names()).toEqual(['localhost']);
  lookups.answer('localhost', null, LOOPBACK);
  expect(await later).toMatchObject({ status: 200 });
});

it('hosts that could not be looked up are looked up one after another, so that all whose name servers hang leave threads to the others', async () => {
  const lookups = new HangingLookups();
  const ask = (...hosts: readonly string[]): void => {
    for (const host of hosts) void get(`https://${host}.invalid/`).catch(() => undefined);
  };
  const fail = (name: string): void => lookups.answer(name, new Error('EAI_AGAIN'));
  ask('one', 'other');
  expect(await lookups.names()).toEqual(['one.invalid', 'other.invalid']);
  fail('one.invalid');
  fail('other.invalid');
  await setImmediate();

  ask('one', 'other', 'well');
  expect(await lookups.names()).toEqual(['well.invalid', 'one.invalid']);
  fail('one.invalid');
  expect(await lookups.names()).toEqual(['well.invalid', 'other.invalid']);
  lookups.answer('other.invalid', null, LOOPBACK);
  await setImmediate();

  ask('one', 'other');
  expect(await lookups.names()).toEqual(['well.invalid', 'other.invalid', 'one.invalid']);
  for (const name of await lookups.names()) fail(name);
});
