import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { keeperWorkflowId } from '../../src/contract/names.js';

const UPDATE_COMPLETED =
  proto.temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage
    .UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED;

const { Rejection } = proto.temporal.api.update.v1;

/** Whoever may write to the namespace, and has no key: it sees sealed payloads and can send them again. */
export class Attacker {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** One in the namespace of a client that may have keys, over its connection. */
  static beside({ connection, options }: Client): Attacker {
    return new Attacker(new Client({ connection, namespace: options.namespace }));
  }

  get #namespace(): string {
    return this.#client.options.namespace;
  }

  get service(): Client['workflowService'] {
    return this.#client.workflowService;
  }

  async signal(id: string, name: string, payloads: readonly Payload[]): Promise<void> {
    await this.service.signalWorkflowExecution({
      namespace: this.#namespace,
      workflowExecution: { workflowId: keeperWorkflowId(id) },
      signalName: name,
      input: { payloads: [...payloads] },
    });
  }

  async pendingActivityId(id: string): Promise<string> {
    const { pendingActivities } = await this.#describe(id);
    return pendingActivities[0]?.activityId ?? '';
  }

  /** Sealed details of the failure of the attempt before, as the server shows them to everybody. */
  async failureDetails(id: string): Promise<readonly Payload[]> {
    const { pendingActivities } = await this.#describe(id);
    const failure = pendingActivities[0]?.lastFailure;
    return failure?.applicationFailureInfo?.details?.payloads ?? [];
  }

  async completeActivity(id: string, payload: Payload): Promise<void> {
    await this.service.respondActivityTaskCompletedById({
      namespace: this.#namespace,
      workflowId: keeperWorkflowId(id),
      activityId: await this.pendingActivityId(id),
      result: { payloads: [payload] },
    });
  }

  /** Fails the attempt under way in words of its own. */
  async failActivity(
    id: string,
    info: proto.temporal.api.failure.v1.IApplicationFailureInfo,
    message = 'made up',
  ): Promise<void> {
    await this.service.respondActivityTaskFailedById({
      namespace: this.#namespace,
      workflowId: keeperWorkflowId(id),
      activityId: await this.pendingActivityId(id),
      failure: { message, applicationFailureInfo: info },
    });
  }

  async terminate(id: string): Promise<void> {
    await this.service.terminateWorkflowExecution({
      namespace: this.#namespace,
      workflowExecution: { workflowId: keeperWorkflowId(id) },
    });
  }

  /** Starts any workflow under the name of a credential's keeper. */
  async start(
    id: string,
    { type, queue, payloads }: { type: string; queue: string; payloads: readonly Payload[] },
  ): Promise<void> {
    await this.service.startWorkflowExecution({
      namespace: this.#namespace,
      requestId: `attack-${Math.random()}`,
      workflowId: keeperWorkflowId(id),
      workflowType: { name: type },
      taskQueue: { name: queue },
      input: { payloads: [...payloads] },
    });
  }

  /** Sealed inputs of an activity in a credential's history. */
  async activityInputs(id: string, type: string): Promise<readonly Payload[]> {
    const events = await this.#events(id);
    return events.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === type ? (scheduled.input?.payloads ?? []) : [],
    );
  }

  async results(id: string): Promise<readonly Payload[]> {
    const events = await this.#events(id);
    return events.flatMap(
      ({ activityTaskCompletedEventAttributes: completed }) => completed?.result?.payloads ?? [],
    );
  }

  /** Sealed arguments of the updates that a credential's history holds. */
  async updateInputs(id: string, name: string): Promise<readonly Payload[]> {
    const events = await this.#events(id);
    return events.flatMap(({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => {
      const input = accepted?.acceptedRequest?.input;
      return input?.name === name ? (input.args?.payloads ?? []) : [];
    });
  }

  /** Type of the failure of an update; `undefined` where it succeeds. */
  async update(
    id: string,
    name: string,
    payloads: readonly Payload[],
  ): Promise<string | undefined> {
    const { outcome } = await this.service.updateWorkflowExecution({
      namespace: this.#namespace,
      workflowExecution: { workflowId: keeperWorkflowId(id) },
      waitPolicy: { lifecycleStage: UPDATE_COMPLETED },
      request: {
        meta: { updateId: `attack-${Math.random()}`, identity: 'attacker' },
        input: { name, args: { payloads: [...payloads] } },
      },
    });
    return outcome?.failure?.applicationFailureInfo?.type ?? undefined;
  }

  /** What a keeper publishes, sealed, as the server shows it to everybody. */
  async memo(id: string, field: string): Promise<Payload> {
    const { workflowExecutionInfo } = await this.#describe(id);
    return workflowExecutionInfo?.memo?.fields?.[field] ?? {};
  }

  /** The sealed answer of a query, which anybody may ask. */
  async answer(id: string, queryType: string): Promise<Payload> {
    const { queryResult } = await this.service.queryWorkflow({
      namespace: this.#namespace,
      execution: { workflowId: keeperWorkflowId(id) },
      query: { queryType },
    });
    return queryResult?.payloads?.[0] ?? {};
  }

  /** Answers the next workflow task of a queue as a worker, and rejects the update that it brings, if it brings one. */
  async takeTask(queue: string, failure: proto.temporal.api.failure.v1.IFailure): Promise<void> {
    const { taskToken, messages } = await this.#client.withDeadline(Date.now() + 30_000, () =>
      this.service.pollWorkflowTaskQueue({
        namespace: this.#namespace,
        taskQueue: { name: queue },
        identity: 'attacker',
      }),
    );
    const rejections = messages.map(({ id = null, protocolInstanceId = null }) => ({
      id: `${id}/rejection`,
      protocolInstanceId,
      body: {
        type_url: 'type.googleapis.com/temporal.api.update.v1.Rejection',
        value: Rejection.encode({ rejectedRequestMessageId: id, failure }).finish(),
      },
    }));
    await this.service.respondWorkflowTaskCompleted({
      namespace: this.#namespace,
      taskToken,
      identity: 'attacker',
      messages: rejections,
    });
  }

  async signals(id: string): Promise<readonly Payload[]> {
    const events = await this.#events(id);
    return events.flatMap(
      ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.input?.payloads ?? [],
    );
  }

  async #events(id: string) {
    const { events } = await this.#client.workflow.getHandle(keeperWorkflowId(id)).fetchHistory();
    return events ?? [];
  }

  #describe(id: string) {
    return this.service.describeWorkflowExecution({
      namespace: this.#namespace,
      execution: { workflowId: keeperWorkflowId(id) },
    });
  }
}

export function plain(json: string): Payload {
  return { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(json) };
}
