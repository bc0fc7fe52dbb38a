import { afterEach, describe, expect, it } from 'vitest';
import {
  type HealthServer,
  listenHealthServer,
  type ReadinessChecks,
} from '../../src/telemetry/health-server.js';

const opened: HealthServer[] = [];
afterEach(() => Promise.all(opened.splice(0).map((server) => server.close())));

async function listen(checks: ReadinessChecks): Promise<string> {
  const server = await listenHealthServer({ host: '127.0.0.1', port: 0 }, checks);
  opened.push(server);
  return server.url;
}

const well = (): Promise<void> => Promise.resolve();
const unwell = (): Promise<void> => Promise.reject(new Error('CANARY'));

describe('the health of a worker', () => {
  it('is live as long as it answers, whatever it lacks', async () => {
    const response = await fetch(`${await listen({ temporal: unwell })}/livez`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'live' }]);
  });

  it('is ready when all that it needs can be used', async () => {
    const response = await fetch(`${await listen({ temporal: well, journal: well })}/readyz`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready' }]);
  });

  it('is not ready while something does not answer or fails, and says what, with no text of others', async () => {
    const never = (): Promise<void> => new Promise(() => undefined);
    const checks = { temporal: never, polling: well, journal: unwell };
    const response = await fetch(`${await listen(checks)}/readyz`);
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'not ready', lacks: ['temporal', 'journal'] },
    ]);
  });

  it('is ready again once it has what it lacked', async () => {
    let isAway = true;
    const url = await listen({ temporal: () => (isAway ? unwell() : well()) });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    isAway = false;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('has no other page', async () => {
    expect((await fetch(`${await listen({})}/metrics`)).status).toBe(404);
  });
});
