import { fileURLToPath } from 'node:url';
import { keeperWorkflowId } from '../../../src/contract/names.js';
import { COMMAND, type KeeperFleet } from '../../fleet/keepers.js';
import { runProcess } from '../../measure/process-run.js';
import { interleaved, type Sample, type SideSamples } from '../../measure/rounds.js';
import type { BenchContext } from '../../question.js';

const SCRIPT = fileURLToPath(new URL('../../bare/describe-main.js', import.meta.url));

/** A read by a process of its own, from its start to its end. */
export function measureProcess(
  { server, progress, rounds }: Pick<BenchContext, 'server' | 'progress' | 'rounds'>,
  fleet: KeeperFleet,
  id: string,
): Promise<readonly SideSamples[]> {
  return interleaved(progress, rounds, [
    {
      name: 'bare call from a script',
      measure: () => measure([SCRIPT, server.address, keeperWorkflowId(id)], {}),
    },
    { name: 'evertoken token', measure: () => measure([COMMAND, 'token', id], fleet.env) },
  ]);
}

async function measure(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Sample> {
  const { ms, exitCode, output } = await runProcess(args, env);
  if (exitCode !== 0) throw new Error(`a read by a process failed: ${output}`);
  return { ms };
}
