import { STATUS_ATTRIBUTE } from '../../src/contract/search-attributes.js';
import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  proxyActivities,
  setHandler,
  sleep,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  BARE_ACTIVITY_TASK_QUEUE,
  type BareActivities,
  type BareLoopInput,
  type Part,
  type TurnRequest,
} from './parts.js';

/** What a keeper's own refresh allows itself. */
const ATTEMPT_TIMEOUT_MS = 39_000;
const HEARTBEAT_TIMEOUT_MS = 8_000;
const STATUS_TIMER_MS = 15_000;
/** About what a refresh is handed, and what it returns. */
const PAYLOAD = 'x'.repeat(900);
/** About what a token is. */
const MEMO = 'x'.repeat(600);

/** Turns of this run so far. */
const turnsQuery = defineQuery<number>('turns');

/** One timer and one activity per turn, as little as a refresh could be on Temporal; parts of a keeper add to it. */
export async function bareLoop(input: BareLoopInput): Promise<void> {
  const has = (part: Part): boolean => input.parts.includes(part);
  let turns = 0;
  setHandler(turnsQuery, () => turns);
  while (turns < input.turnsOfRun) {
    const waitMs = turns === 0 ? Math.max((input.firstAtMs ?? 0) - Date.now(), 0) : input.periodMs;
    const plannedMs = Date.now() + waitMs;
    if (waitMs > 0) {
      await sleep(waitMs, has('summaries') ? { summary: 'next turn of a bare loop' } : {});
    }
    await turn(input, plannedMs);
    turns += 1;
    if (has('search-attributes')) {
      upsertSearchAttributes([{ key: STATUS_ATTRIBUTE, value: `turn ${turns}` }]);
    }
    if (has('memo')) upsertMemo({ answer: `${turns}${MEMO}` });
  }
  // The period between the last turn of this run and the first of the next.
  await sleep(input.periodMs);
  await continueAsNew<typeof bareLoop>(input);
}

async function turn({ parts, url }: BareLoopInput, plannedMs: number): Promise<void> {
  const request: TurnRequest = {
    id: workflowInfo().workflowId,
    plannedMs,
    parts,
    url,
    ...(parts.includes('payload') ? { payload: PAYLOAD } : {}),
  };
  const { turn: run } = proxyActivities<BareActivities>({
    startToCloseTimeout: ATTEMPT_TIMEOUT_MS,
    ...(parts.includes('heartbeat') ? { heartbeatTimeout: HEARTBEAT_TIMEOUT_MS } : {}),
    ...(parts.includes('summaries') ? { summary: `turn of ${request.id}` } : {}),
    ...(parts.includes('task-queue') ? { taskQueue: BARE_ACTIVITY_TASK_QUEUE } : {}),
  });
  if (!parts.includes('status-timer')) {
    await run(request);
    return;
  }
  let isOver = false;
  await CancellationScope.cancellable(async () => {
    const done = run(request).finally(() => (isOver = true));
    await condition(() => isOver, STATUS_TIMER_MS);
    await done;
  });
}
