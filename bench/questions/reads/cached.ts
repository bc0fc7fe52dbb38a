import { OAuth2Client } from 'google-auth-library';
import type { KeeperFleet } from '../../fleet/keepers.js';
import { interleaved, type Side, type SideSamples } from '../../measure/rounds.js';
import type { BenchContext } from '../../question.js';
import { READ_SIZES } from './sizes.js';

const HOUR_MS = 3_600_000;

/** Reads of a token that the process knows, one after another, awaited. */
export async function measureCached(
  { size, progress, rounds }: BenchContext,
  fleet: KeeperFleet,
  id: string,
): Promise<readonly SideSamples[]> {
  const calls = READ_SIZES[size].cachedCalls;
  const tokens = await fleet.connect();
  const google = new OAuth2Client();
  google.setCredentials({
    access_token: 'access',
    refresh_token: 'refresh',
    expiry_date: Date.now() + HOUR_MS,
  });
  const map = new Map([[id, { token: 'access', expiresAtMs: Date.now() + HOUR_MS }]]);
  const fromMap = (): Promise<string | undefined> => {
    const known = map.get(id);
    return Promise.resolve(
      known !== undefined && known.expiresAtMs > Date.now() ? known.token : undefined,
    );
  };
  try {
    await tokens.get(id);
    return await interleaved(progress, rounds, [
      side('Map', calls, fromMap),
      side('google-auth-library', calls, () => google.getAccessToken()),
      side('evertoken', calls, () => tokens.get(id)),
    ]);
  } finally {
    await tokens.close();
  }
}

function side(name: string, calls: number, read: () => Promise<unknown>): Side {
  return {
    name,
    measure: async () => {
      // The compiler has seen it by then.
      for (let call = 0; call < calls / 10; call += 1) await read();
      globalThis.gc?.();
      const startedAt = performance.now();
      for (let call = 0; call < calls; call += 1) await read();
      return { callsPerSecond: (calls / (performance.now() - startedAt)) * 1_000 };
    },
  };
}
