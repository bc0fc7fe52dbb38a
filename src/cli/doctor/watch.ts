import { setTimeout as delay } from 'node:timers/promises';
import { compareFindings } from './changes.js';
import type { Finding } from './finding.js';

/** How a watch goes on. */
export interface Watch {
  /** Makes every check once. If the first look fails, the watch ends; a later failure is a finding. */
  readonly look: () => Promise<readonly Finding[]>;
  /** Gets what changed. In the first round it gets all that is wrong, or that nothing is. */
  readonly onChange: (change: Finding) => void;
  /** The words for a look that failed. */
  readonly explain: (error: unknown) => string;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

/** Looks again and again until the signal fires. Resolves with what held last, or with nothing if there was no look. */
export async function watch(options: Watch): Promise<readonly Finding[] | undefined> {
  const { look, onChange, explain, intervalMs, signal } = options;
  let held: readonly Finding[] | undefined;
  try {
    for (;;) {
      const found = await look().catch((error: unknown): readonly Finding[] => {
        if (signal.aborted || held === undefined) throw error;
        return [{ level: 'fail', check: 'examination', problem: 'error', text: explain(error) }];
      });
      const { changes, findings } = compareFindings(held ?? [], found);
      const isFirst = held === undefined;
      for (const change of isFirst && changes.length === 0 ? [nothingWrong(found)] : changes) {
        onChange(change);
      }
      held = findings;
      await delay(intervalMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return held;
  }
}

function nothingWrong({ length }: readonly Finding[]): Finding {
  return { level: 'ok', check: 'examination', text: `nothing wrong in ${length} findings` };
}
