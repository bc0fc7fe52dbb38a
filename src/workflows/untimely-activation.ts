import type {
  ActivateInput,
  Next,
  WorkflowInterceptors,
  WorkflowInternalsInterceptor,
} from '@temporalio/workflow';

/**
 * Fails an activation that hands over new events before their workflow task has started. A query that reaches a worker
 * just after an event, and before the task for it, brings that event along (seen with SDK 1.24; the like:
 * https://github.com/temporalio/sdk-go/issues/755). The clock then stands where the task before it started, so what
 * the keeper decides by it cannot be replayed, and the keeper could never be run or asked again. Failing costs no more
 * than the query, which clients repeat: the worker forgets the run, and builds it anew when the task starts.
 */
class UntimelyActivations implements WorkflowInternalsInterceptor {
  #startedAt: string | undefined;
  #historyLength = 0;

  activate(input: ActivateInput, next: Next<WorkflowInternalsInterceptor, 'activate'>): void {
    const { activation, batchIndex } = input;
    const isQuery = (activation.jobs ?? []).every(({ queryWorkflow }) => Boolean(queryWorkflow));
    if (isQuery || batchIndex > 0) {
      next(input);
      return;
    }
    const { timestamp, isReplaying } = activation;
    const startedAt = `${String(timestamp?.seconds)}.${timestamp?.nanos ?? 0}`;
    const historyLength = activation.historyLength ?? 0;
    const isOfLaterEvents = historyLength > this.#historyLength;
    // A recorded history must replay as it is; in it every task has its own start.
    if (isReplaying !== true && isOfLaterEvents && startedAt === this.#startedAt) {
      throw new Error('asked between an event and its workflow task; ask again');
    }
    this.#startedAt = startedAt;
    this.#historyLength = historyLength;
    next(input);
  }
}

/** What workers bundle beside the workflows. */
export const interceptors = (): WorkflowInterceptors => ({
  internals: [new UntimelyActivations()],
});
