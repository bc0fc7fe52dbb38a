import { KeeperFleet } from '../fleet/keepers.js';
import type { BenchProvider } from '../provider/provider.js';
import type { BenchServer } from '../server/bench-server.js';
import type { Rival } from './rival.js';

/** evertoken, as the benchmarks see its rivals. Every read is a cold one: by a client that does not know the token. */
export async function openEvertoken(
  server: BenchServer,
  folder: string,
  provider: BenchProvider,
): Promise<Rival> {
  const fleet = await KeeperFleet.open(server, folder);
  let tokens = await fleet.connect();
  const known = new Set<string>();
  return {
    name: 'evertoken',
    storePids: server.pids,
    get workerPids() {
      return fleet.workerPids;
    },
    startWorker: () => fleet.startWorker(),
    killWorkers: () => fleet.killWorkers(),
    add: (ids, grants) => fleet.apply(ids.map((id) => provider.credential(id, grants))),
    plans: (ids) => fleet.plannedRefreshes(ids),
    read: async (id) => {
      if (known.has(id)) {
        known.clear();
        await tokens.close();
        tokens = await fleet.connect();
      }
      known.add(id);
      return (await tokens.get(id)).token;
    },
    close: async () => {
      await tokens.close();
      await fleet.close();
    },
  };
}
