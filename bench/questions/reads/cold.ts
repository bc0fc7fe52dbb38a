import { BareLoops } from '../../bare/bare-loops.js';
import type { KeeperFleet } from '../../fleet/keepers.js';
import { describe } from '../../fleet/temporal-client.js';
import { interleaved, type SideSamples } from '../../measure/rounds.js';
import { CallLog, timedCall } from '../../measure/call-log.js';
import { required } from '../../measure/until.js';
import type { BenchContext } from '../../question.js';

const HOUR_MS = 3_600_000;
const WARM_UP_MS = 120_000;

/** The first read of each token over a connection that is open, one after another. */
export async function measureCold(
  context: BenchContext,
  fleet: KeeperFleet,
  ids: readonly string[],
): Promise<readonly SideSamples[]> {
  const { server, folder, bareBundle, client, progress, rounds } = context;
  const loops = await BareLoops.open(server, folder, bareBundle, client, { periodMs: HOUR_MS });
  try {
    await loops.start(ids.length);
    await required(
      'a turn of every bare loop',
      async () => (await loops.report()).turnsOf.length >= ids.length,
      WARM_UP_MS,
    );
    return await interleaved(progress, rounds, [
      {
        name: 'query of a bare workflow',
        measure: async () => {
          const calls = new CallLog();
          for (const id of loops.ids) {
            await timedCall(calls, () => client.workflow.getHandle(id).query('turns'));
          }
          return calls.sample();
        },
      },
      {
        name: 'describe of a bare workflow',
        measure: async () => {
          const calls = new CallLog();
          for (const id of loops.ids) {
            await timedCall(calls, () => describe(client, id));
          }
          return calls.sample();
        },
      },
      {
        name: 'evertoken get',
        measure: async () => {
          const calls = new CallLog();
          const tokens = await fleet.connect();
          for (const id of ids) await timedCall(calls, () => tokens.get(id));
          await tokens.close();
          return calls.sample();
        },
      },
    ]);
  } finally {
    await loops.close();
  }
}
