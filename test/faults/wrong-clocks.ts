import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allWorked, eachIs, type Fault, journaledIds } from './fault.js';
import type { Lane } from './lane.js';

const HOUR_MS = 3_600_000;

/** The clock of the worker's host is set by an hour while its request is open. */
export function clockSetDuringRequest(hours: 1 | -1): Fault {
  return {
    title: `clock set ${direction(hours)} by an hour during the request`,
    victim: 'worker',
    mustBeHarmless: true,
    prepare: (lane) => restartWithClock(lane, 0),
    strike: async (lane, credentials) => {
      await allWorked(credentials);
      const atMs = Date.now();
      await setClock(lane, hours * HOUR_MS);
      for (const credential of credentials) credential.letAnswer();
      await eachIs(credentials, async ({ spec }) => {
        const { generation } = await lane.tokens.status(spec.id);
        return generation > 0;
      });
      await lane.endWorker('SIGTERM');
      await lane.startWorker();
      return { atMs, journaled: await journaledIds(lane, credentials) };
    },
  };
}

/** A worker on a host whose clock is wrong is killed with its request open; so is its successor's clock. */
export function killWithWrongClock(hours: 1 | -1): Fault {
  return {
    title: `provider rotated, answer not sent; clock ${direction(hours)} by an hour`,
    victim: 'worker',
    mustBeHarmless: false,
    prepare: (lane) => restartWithClock(lane, hours * HOUR_MS),
    strike: async (lane, credentials) => {
      await allWorked(credentials);
      const atMs = Date.now();
      await lane.endWorker('SIGKILL');
      for (const credential of credentials) credential.forgetOpenRequest();
      const journaled = await journaledIds(lane, credentials);
      await startWithClock(lane);
      return { atMs, journaled };
    },
  };
}

function direction(hours: 1 | -1): string {
  return hours > 0 ? 'forward' : 'back';
}

async function restartWithClock(lane: Lane, shiftMs: number): Promise<void> {
  await setClock(lane, shiftMs);
  await lane.endWorker('SIGTERM');
  await startWithClock(lane);
}

function setClock(lane: Lane, shiftMs: number): Promise<void> {
  return writeFile(shiftFile(lane), String(shiftMs));
}

async function startWithClock(lane: Lane): Promise<void> {
  const preload = new URL('shifted-clock.mjs', import.meta.url).href;
  await lane.startWorker({
    NODE_OPTIONS: `--import=${preload}`,
    CLOCK_SHIFT_FILE: shiftFile(lane),
  });
}

function shiftFile(lane: Lane): string {
  return join(lane.folder, 'clock-shift');
}
