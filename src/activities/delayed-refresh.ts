import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { refreshDelayedSignal } from '../contract/message-definitions.js';
import { REFRESH_DELAYED_AFTER_MS, TELL_DEADLINE_MS } from '../policy/attempt-numbers.js';
import { tellsOfDelay } from '../policy/delayed-refresh.js';

/**
 * Tells the keeper of the attempt that is being run that its refresh takes longer than usual, and in which journal a request
 * of it is recorded. Never rejects.
 */
export type TellDelay = (sentWithJournal: string | undefined) => Promise<void>;

/**
 * Makes an attempt, and tells its keeper once if the refresh is delayed: the attempt lasts, or another one must follow.
 * Before its first token a keeper knows its journal from this alone, and a refresh that is cut short forgets its heartbeats.
 */
export async function tellingDelay<Result>(
  tell: TellDelay,
  { sentWithJournal }: { readonly sentWithJournal: () => string | undefined },
  work: () => Promise<Result>,
): Promise<Result> {
  if (!tellsOfDelay(Context.current().info.attempt)) return work();
  let told: Promise<void> | undefined;
  const tellOnce = (): Promise<void> => (told ??= tell(sentWithJournal()));
  const timer = setTimeout(() => void tellOnce(), REFRESH_DELAYED_AFTER_MS);
  try {
    return await work();
  } catch (error) {
    if (isTriedAgain(error)) await tellOnce();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function isTriedAgain(error: unknown): boolean {
  if (error instanceof CancelledFailure) return false;
  return !(error instanceof ApplicationFailure && error.nonRetryable === true);
}

/** By a signal to the run that asked. */
export async function tellDelay(sentWithJournal: string | undefined): Promise<void> {
  try {
    const { client, info } = Context.current();
    if (info.workflowExecution === undefined) return;
    const { workflowId, runId } = info.workflowExecution;
    await client.withDeadline(Date.now() + TELL_DEADLINE_MS, () =>
      client.workflow
        .getHandle(workflowId, runId)
        .signal(
          refreshDelayedSignal,
          ...(sentWithJournal === undefined ? [] : [{ sentWithJournal }]),
        ),
    );
  } catch {
    // A later attempt tells; until then only the time of the keeper's status is late.
  }
}
