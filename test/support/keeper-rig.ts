import type { Client, WorkflowHandle } from '@temporalio/client';
import { currentAttempt } from '../../src/activities/current-attempt.js';
import { tellDelay, tellingDelay } from '../../src/activities/delayed-refresh.js';
import type { CredentialSpec } from '../../src/contract/credential.js';
import type { KeeperInput } from '../../src/contract/keeper.js';
import { statusQuery } from '../../src/contract/message-definitions.js';
import {
  KEEPER_TASK_QUEUE,
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
  providerTaskQueue,
} from '../../src/contract/names.js';
import type { RefreshRequest } from '../../src/contract/refresh-activity.js';
import type { credentialKeeper } from '../../src/workflows/index.js';
import { ScriptedRefresh, type Step } from './scripted-refresh.js';
import { openTestNamespace, type TestNamespace } from './test-namespace.js';
import { type RunningWorker, startTestWorker } from './test-worker.js';

export type Keeper = WorkflowHandle<typeof credentialKeeper>;

/** A keeper under test, the activity that was scripted for it, and the credential that it was started with. */
export interface KeeperUnderTest {
  readonly keeper: Keeper;
  readonly fake: ScriptedRefresh;
  readonly spec: CredentialSpec;
}

/** Keepers on a real server, in a namespace of their own, over scripted refreshes. */
export class KeeperRig {
  readonly client: Client;
  readonly #namespace: TestNamespace;
  readonly #workers: readonly RunningWorker[];
  readonly #fakes: Map<string, ScriptedRefresh>;

  private constructor(
    namespace: TestNamespace,
    workers: readonly RunningWorker[],
    fakes: Map<string, ScriptedRefresh>,
  ) {
    this.client = namespace.client;
    this.#namespace = namespace;
    this.#workers = workers;
    this.#fakes = fakes;
  }

  /** Opens a namespace on the real server, or another one. */
  static async open(
    openNamespace: () => Promise<TestNamespace> = openTestNamespace,
  ): Promise<KeeperRig> {
    const namespace = await openNamespace();
    const fakes = new Map<string, ScriptedRefresh>();
    const activities = {
      refreshToken: (request: RefreshRequest) => {
        const fake = fakes.get(request.credentialId);
        if (fake === undefined) throw new Error('no refresh was scripted for this credential');
        return tellingDelay(tellDelay, currentAttempt(), () => fake.refreshToken(request));
      },
    };
    const workers = await Promise.all([
      startTestWorker(namespace, { taskQueue: KEEPER_TASK_QUEUE, workflows: true }),
      startTestWorker(namespace, { taskQueue: providerTaskQueue('oauth2'), activities }),
    ]);
    return new KeeperRig(namespace, workers, fakes);
  }

  /** Starts a keeper whose attempts do these steps, the last one again and again. */
  async keeper(
    first: Step,
    options: {
      readonly useSearchAttributes?: boolean;
      readonly spec?: Partial<CredentialSpec>;
    } = {},
    ...more: Step[]
  ): Promise<KeeperUnderTest> {
    const id = `test/${this.#fakes.size + 1}`;
    const fake = new ScriptedRefresh(first, ...more);
    this.#fakes.set(id, fake);
    const spec = specOf(id, options.spec);
    const useSearchAttributes = options.useSearchAttributes ?? true;
    const input: KeeperInput = {
      apply: { spec, application: Date.now(), useSearchAttributes },
      useSearchAttributes,
    };
    const keeper: Keeper = await this.client.workflow.start<typeof credentialKeeper>(
      KEEPER_WORKFLOW_TYPE,
      { workflowId: keeperWorkflowId(id), taskQueue: KEEPER_TASK_QUEUE, args: [input] },
    );
    return { keeper: this.client.workflow.getHandle(keeper.workflowId), fake, spec };
  }

  /** Resolves when the keeper has taken all messages so far and no refresh is under way. */
  async settled(keeper: Keeper): Promise<void> {
    for (;;) {
      const { refreshing, forcePending } = await keeper.query(statusQuery);
      if (!refreshing && !forcePending) return;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.#namespace.close();
  }
}

export function specOf(id: string, overrides: Partial<CredentialSpec> = {}): CredentialSpec {
  return {
    id,
    provider: 'oauth2',
    config: { tokenEndpoint: 'https://id.example/token' },
    material: { refreshToken: 'refresh-0', clientSecret: 'secret' },
    fingerprints: { refreshToken: 'f0', clientSecret: 'fs' },
    timing: {},
    traits: { spentField: 'refreshToken', rotates: true },
    ...overrides,
  };
}
