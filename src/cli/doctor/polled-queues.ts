import type { Client } from '@temporalio/client';
import { KEEPER_TASK_QUEUE } from '../../contract/names.js';
import {
  isPolled,
  keeperQueueFacts,
  TASK_QUEUE_TYPE_ACTIVITY,
  taskQueueFacts,
} from '../../keepers/task-queue-facts.js';
import { withDeadline } from '../../temporal/connection.js';

/** The task queue of keepers and those of their activities, and whether workers ask for their tasks. Each is looked at once. */
export class PolledQueues {
  readonly #client: Client;
  readonly #found = new Map<string, Promise<boolean>>();

  constructor(client: Client) {
    this.#client = client;
  }

  isPolled(taskQueue: string): Promise<boolean> {
    const known = this.#found.get(taskQueue) ?? this.#look(taskQueue);
    this.#found.set(taskQueue, known);
    return known;
  }

  async #look(taskQueue: string): Promise<boolean> {
    const facts = await withDeadline(this.#client.connection, () =>
      taskQueue === KEEPER_TASK_QUEUE
        ? keeperQueueFacts(this.#client)
        : taskQueueFacts(this.#client, taskQueue, TASK_QUEUE_TYPE_ACTIVITY),
    );
    return isPolled(facts);
  }
}
