import type { WorkflowExecutionStatusName } from '@temporalio/client';
import { defined } from '../../contract/defined.js';
import type { FailureSummary } from '../../contract/failures.js';
import type { KeeperInspection } from '../../keepers/inspection.js';
import { operatorAdvice } from '../../policy/operator-action.js';
import { relativeText } from '../time-text.js';
import { applying, factsOf, repairOf } from './repair.js';
import { type ExaminedKeeper, runningTrouble } from './running-trouble.js';
import type { Declaration, Trouble } from './trouble.js';

/** Ends of a run other than failure: the name of each, and words for it. */
const ENDS: Partial<
  Record<WorkflowExecutionStatusName, readonly [problem: Trouble['problem'], words: string]>
> = {
  COMPLETED: ['stopped', 'was stopped'],
  CANCELLED: ['cancelled', 'was cancelled'],
  TERMINATED: ['terminated', 'was terminated'],
  TIMED_OUT: ['timed-out', 'timed out'],
};
/** Ends that nobody brings about on purpose who knows evertoken. */
const ENDED_FROM_OUTSIDE: readonly WorkflowExecutionStatusName[] = ['TERMINATED', 'TIMED_OUT'];

/** What is wrong with a keeper, according to the server itself; `undefined` if nothing is. */
export function keeperTrouble(
  id: string,
  keeper: ExaminedKeeper | undefined,
  declared: Declaration,
  nowMs: number,
): Trouble | undefined {
  if (keeper === undefined) return declared.isNamed ? neverStarted(id, declared) : undefined;
  return keeper.endedAtMs === undefined
    ? runningTrouble(id, keeper, declared, nowMs)
    : endedTrouble(id, keeper, declared, relativeText(keeper.endedAtMs, nowMs));
}

function neverStarted(id: string, { file }: Declaration): Trouble {
  return {
    level: 'fail',
    problem: 'never-started',
    text: `${id} has no keeper, and none that ended within the retention`,
    repair: applying(file),
  };
}

function endedTrouble(
  id: string,
  { execution, failure }: KeeperInspection,
  { file, isNamed }: Declaration,
  when: string,
): Trouble | undefined {
  if (execution === 'FAILED') return failed(id, failure, file, when);
  const [problem, words] = ENDS[execution] ?? ['stopped', 'ended'];
  if (!isNamed && !ENDED_FROM_OUTSIDE.includes(execution)) return undefined;
  return {
    level: isNamed ? 'fail' : 'warn',
    problem,
    text: `${id} ${words} ${when}`,
    repair: applying(file),
  };
}

function failed(
  id: string,
  failure: FailureSummary | undefined,
  file: string | undefined,
  when: string,
): Trouble {
  const problem = 'failed';
  if (failure === undefined) {
    return { level: 'fail', problem, text: `${id} failed ${when}`, repair: applying(file) };
  }
  const { action, repair } = repairOf(operatorAdvice(failure, id), file);
  return {
    level: 'fail',
    problem,
    text: `${id} failed ${when} ${factsOf(failure)}: ${action}`,
    ...defined({ repair }),
  };
}
