import type { KeeperRun } from '../../keepers/runs.js';
import { LEAD_MAX_MS } from '../../policy/attempt-numbers.js';
import { isRunning } from '../scoped-file.js';
import type { ScopedFile } from '../scoped-file.js';
import { INSPECT_ALL_MAX } from './numbers.js';

/** A credential that needs a closer look, because nothing in the list of keepers shows that it is well. */
export interface Suspect {
  readonly id: string;
  readonly isNamed: boolean;
}

/**
 * Credentials that may be in trouble, according to the list of keepers alone. The list lags, so each of them needs a closer
 * look. If thousands are well, there are few suspects or none. Before a refresh is due, the list does not show every failing
 * task. So if there are few keepers, each running one is a suspect.
 */
export function suspects(
  runs: readonly KeeperRun[],
  file: ScopedFile | undefined,
  nowMs: number,
): readonly Suspect[] {
  const named = new Map(file?.credentials.map((credential) => [credential.id, credential]));
  const listed = new Set(runs.map(({ id }) => id));
  const unlisted = [...named.keys()].filter((id) => !listed.has(id));
  const isEachInspected = runs.filter(isRunning).length <= INSPECT_ALL_MAX;
  const suspicious = runs
    .filter((run) =>
      isRunning(run)
        ? isEachInspected || isDue(run, named.get(run.id)?.leadMs, nowMs)
        : named.has(run.id) || (file === undefined && run.execution !== 'COMPLETED'),
    )
    .map(({ id }) => id);
  return [...unlisted, ...suspicious].map((id) => ({ id, isNamed: named.has(id) }));
}

/** A keeper that is well shows `fresh`, and an expiry that is further away than its lead. */
function isDue(
  { hasReportedProblems, status, expiresAtMs }: KeeperRun,
  leadMs: number | undefined,
  nowMs: number,
): boolean {
  if (hasReportedProblems || status !== 'fresh' || expiresAtMs === undefined) return true;
  return expiresAtMs - nowMs < Math.max(LEAD_MAX_MS, leadMs ?? 0);
}
