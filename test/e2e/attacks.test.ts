import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTokens } from '../../src/client/connect-tokens.js';
import type { CredentialSpec } from '../../src/contract/credential.js';
import { carriedStateQuery, statusQuery } from '../../src/contract/message-definitions.js';
import {
  KEEPER_TASK_QUEUE,
  KEEPER_WORKFLOW_TYPE,
  keeperWorkflowId,
} from '../../src/contract/names.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { FullStack } from '../support/full-stack.js';
import { hangBeforeWork, replyWith } from '../support/provider-scripts.js';
import { openTestNamespace } from '../support/test-namespace.js';

const { UpdateWorkflowExecutionLifecycleStage } = proto.temporal.api.enums.v1;

/** Whoever may write to the namespace, and has no key: it sees sealed payloads and can send them again. */
class Attacker {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async signal(id: string, name: string, payloads: readonly Payload[]): Promise<void> {
    await this.#client.workflowService.signalWorkflowExecution({
      ...this.#target(id),
      signalName: name,
      input: { payloads: [...payloads] },
    });
  }

  /** The outcome of an update: its failure as the server has it, or nothing where it was carried out. */
  async update(
    id: string,
    name: string,
    payloads: readonly Payload[],
  ): Promise<string | undefined> {
    const { outcome } = await this.#client.workflowService.updateWorkflowExecution({
      ...this.#target(id),
      waitPolicy: {
        lifecycleStage:
          UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
      },
      request: {
        meta: { updateId: `attack-${Math.random()}` },
        input: { name, args: { payloads: [...payloads] } },
      },
    });
    return outcome?.failure?.applicationFailureInfo?.type ?? undefined;
  }

  async completeActivity(id: string, payload: Payload): Promise<void> {
    const { pendingActivities } = await this.#client.workflowService.describeWorkflowExecution({
      namespace: this.#client.options.namespace,
      execution: { workflowId: keeperWorkflowId(id) },
    });
    await this.#client.workflowService.respondActivityTaskCompletedById({
      namespace: this.#client.options.namespace,
      workflowId: keeperWorkflowId(id),
      activityId: pendingActivities[0]?.activityId ?? '',
      result: { payloads: [payload] },
    });
  }

  /** Sealed payloads of one kind of event of a credential's history. */
  async payloads(id: string, kind: 'input' | 'result' | 'update'): Promise<readonly Payload[]> {
    const { events } = await this.#client.workflow.getHandle(keeperWorkflowId(id)).fetchHistory();
    return (events ?? []).flatMap((event) => {
      const from = {
        input: event.workflowExecutionStartedEventAttributes?.input,
        result: event.activityTaskCompletedEventAttributes?.result,
        update: event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.args,
      }[kind];
      return from?.payloads ?? [];
    });
  }

  async start(id: string, payloads: readonly Payload[]): Promise<void> {
    await this.#client.workflowService.startWorkflowExecution({
      namespace: this.#client.options.namespace,
      requestId: `attack-${Math.random()}`,
      workflowId: keeperWorkflowId(id),
      workflowType: { name: KEEPER_WORKFLOW_TYPE },
      taskQueue: { name: KEEPER_TASK_QUEUE },
      input: { payloads: [...payloads] },
    });
  }

  #target(id: string): { namespace: string; workflowExecution: { workflowId: string } } {
    return {
      namespace: this.#client.options.namespace,
      workflowExecution: { workflowId: keeperWorkflowId(id) },
    };
  }
}

let stack: FullStack;
let attacker: Attacker;
let keepers: KeeperAdministration;

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  const { connection, options } = stack.client;
  attacker = new Attacker(new Client({ connection, namespace: options.namespace }));
  keepers = new KeeperAdministration(stack.client);
});
afterAll(() => stack.close());

const handle = (id: string) => stack.client.workflow.getHandle(keeperWorkflowId(id));
const plain = (json: string): Payload => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(json),
});

async function kept(id: string, provider = 'abitmedia'): Promise<CredentialSpec> {
  const spec = stack.spec(provider, id);
  await keepers.apply(spec);
  await reaches(id, 1);
  return spec;
}

async function reaches(id: string, generation: number): Promise<void> {
  while ((await handle(id).query(statusQuery)).generation < generation) await delay(100);
}

/** A keeper that answers, takes an application and refreshes is not frozen. */
async function isAlive(spec: CredentialSpec): Promise<void> {
  const { generation } = await handle(spec.id).query(statusQuery);
  await expect(keepers.apply(spec)).resolves.toMatchObject({ outcome: 'unchanged' });
  await keepers.forceRefresh(spec.id, { unusableGeneration: generation, cuts: 'retry-after' });
  await reaches(spec.id, generation + 1);
}

describe('without a key', () => {
  it('nobody gets a victim’s material by completing another credential with its sealed result', async () => {
    await kept('attack/victim');
    const [stolen] = await attacker.payloads('attack/victim', 'result');
    const standIn = stack.standIns.of('oauth2');
    standIn.answerNext(hangBeforeWork);
    const evil = stack.spec('oauth2', 'attack/evil');
    await keepers.apply(evil);
    await expect.poll(() => standIn.requests.length).toBe(1);
    await attacker.completeActivity('attack/evil', stolen ?? {});
    await expect
      .poll(async () => (await handle('attack/evil').query(statusQuery)).lastFailure?.code)
      .toBe('attempt_undecided');
    const state = await handle('attack/evil').query(carriedStateQuery);
    expect(state.generation).toBe(0);
    expect(state.spec.material).toEqual(evil.material);
    await keepers.stop('attack/evil');
  });

  it('nobody freezes a keeper with the literal of the server as an activity’s result', async () => {
    const standIn = stack.standIns.of('vmware-csp');
    standIn.answerNext(hangBeforeWork);
    const spec = stack.spec('vmware-csp', 'attack/literal');
    await keepers.apply(spec);
    await expect.poll(() => standIn.requests.length).toBe(1);
    await attacker.completeActivity(spec.id, plain('"ACTIVITY_ID_NOT_STARTED"'));
    // The worker that hangs with the request counts it as open until its deadline.
    await reaches(spec.id, 1);
    await isAlive(spec);
  }, 90_000);

  it('nobody rotates a credential: an unsealed, a foreign, a made-up and an old force are ignored', async () => {
    const spec = await kept('attack/forced');
    const other = await kept('attack/other');
    await keepers.forceRefresh(spec.id, { unusableGeneration: 1 });
    await reaches(spec.id, 2);
    const { events } = await handle(spec.id).fetchHistory();
    const old = (events ?? []).flatMap(
      (event) => event.workflowExecutionSignaledEventAttributes?.input?.payloads ?? [],
    );
    expect(old).toHaveLength(1);
    const [mine] = old;
    const madeUp = {
      ...mine,
      metadata: { ...mine?.metadata, 'encryption-key-id': Buffer.from('made-up') },
    };
    const sent = stack.standIns.of('abitmedia').refreshes;
    for (const payload of [plain('{"unusableGeneration":2}'), madeUp, mine ?? {}]) {
      await attacker.signal(spec.id, 'forceRefresh', [payload]);
    }
    await attacker.signal(spec.id, 'forceRefresh', []);
    await attacker.signal(other.id, 'forceRefresh', [mine ?? {}]);
    for (const id of [spec.id, other.id]) {
      expect(await handle(id).query(statusQuery)).toMatchObject({
        forcePending: false,
        refreshing: false,
      });
    }
    expect(stack.standIns.of('abitmedia').refreshes).toBe(sent);
    await isAlive(spec);
  });

  it('nobody sends material to a withdrawn address by sending an old application again', async () => {
    const spec = await kept('attack/address', 'oauth2');
    const withdrawn = { ...spec, config: { ...spec.config, scope: 'withdrawn' } };
    await keepers.apply(withdrawn);
    await keepers.apply(spec);
    const applications = await attacker.payloads(spec.id, 'update');
    expect(applications.length).toBeGreaterThanOrEqual(2);
    for (const application of applications) {
      expect(await attacker.update(spec.id, 'apply', [application])).toBe('ApplyRefusedError');
    }
    const { config } = (await handle(spec.id).query(carriedStateQuery)).spec;
    expect(config).toEqual(spec.config);
    await isAlive(spec);
  });

  it('nobody freezes a keeper with a sealed payload of another kind, or with none', async () => {
    const spec = await kept('attack/shapes');
    const [input, result] = [
      ...(await attacker.payloads(spec.id, 'input')),
      ...(await attacker.payloads(spec.id, 'result')),
    ];
    for (const name of ['apply', 'ensureFresh', 'moveJournal']) {
      for (const payloads of [[input ?? {}], [result ?? {}], [], [plain('null')]]) {
        expect(await attacker.update(spec.id, name, payloads)).toBe('ApplyRefusedError');
      }
    }
    await isAlive(spec);
  });

  it('nobody starts a keeper with what another one was started with', async () => {
    const spec = await kept('attack/original');
    const input = await attacker.payloads(spec.id, 'input');
    const sent = stack.standIns.of('abitmedia').requests.length;
    await attacker.start('attack/copy', input);
    await expect(handle('attack/copy').result()).rejects.toMatchObject({
      cause: { type: 'ApplyRefusedError' },
    });
    expect(stack.standIns.of('abitmedia').requests).toHaveLength(sent);
  });

  it('nobody lets a keeper that was ended begin again with settings that were replaced', async () => {
    const spec = await kept('attack/restarted');
    const input = await attacker.payloads(spec.id, 'input');
    const { port } = new URL(stack.standIns.of('abitmedia').baseUrl);
    await keepers.apply({ ...spec, config: { baseUrl: `http://localhost:${port}` } });
    const { generation } = await handle(spec.id).query(statusQuery);
    await keepers.forceRefresh(spec.id, { unusableGeneration: generation, cuts: 'retry-after' });
    await reaches(spec.id, generation + 1);
    await handle(spec.id).terminate();
    const sent = stack.standIns.of('abitmedia').requests.length;
    await attacker.start(spec.id, input);
    // What the journal knows is adopted, and nothing is sent with the older settings.
    await reaches(spec.id, generation + 1);
    await keepers.forceRefresh(spec.id, {
      unusableGeneration: generation + 1,
      cuts: 'retry-after',
    });
    await expect
      .poll(async () => (await handle(spec.id).query(statusQuery)).lastFailure?.code, {
        timeout: 60_000,
      })
      .toBe('settings_replaced');
    expect(stack.standIns.of('abitmedia').requests).toHaveLength(sent);
    await expect(keepers.apply(spec)).resolves.toMatchObject({ outcome: 'restarted' });
  });
});

describe('with a reader’s key', () => {
  let readers: Readonly<Record<string, string>>;
  beforeAll(async () => {
    await kept('team/mine');
    await kept('rest/theirs');
    const owner = KeyRing.parse(stack.env['EVERTOKEN_ENCRYPTION_KEYS'] ?? '');
    readers = {
      EVERTOKEN_READER_KEYS: owner.readerKeys('team/').join(),
      TEMPORAL_ADDRESS: stack.namespace.address,
      TEMPORAL_NAMESPACE: stack.namespace.namespace,
    };
  });

  const readerClient = (): Client => {
    const { connection, options } = stack.client;
    const keyRing = KeyRing.parseReaderKeys(readers['EVERTOKEN_READER_KEYS'] ?? '');
    const dataConverter = createDataConverter({ keyRing, allowPlaintext: false });
    return new Client({ connection, namespace: options.namespace, dataConverter });
  };

  it('a service reads, refreshes and lists what its scope covers', async () => {
    const tokens = await connectTokens({ env: readers });
    const first = await tokens.get('team/mine');
    expect(first.status).toBe('fresh');
    const second = await tokens.refresh('team/mine', { afterGeneration: first.generation });
    expect(second.generation).toBe(first.generation + 1);
    expect(await tokens.status('team/mine')).toMatchObject({ status: 'fresh' });
    await expect.poll(async () => (await tokens.list()).map(({ id }) => id)).toEqual(['team/mine']);
    await tokens.close();
  });

  it('a service is told why it reads nothing else', async () => {
    const tokens = await connectTokens({ env: readers });
    for (const asked of [tokens.get('rest/theirs'), tokens.refresh('rest/theirs')]) {
      await expect(asked).rejects.toMatchObject({
        code: 'UNDECIPHERABLE',
        message: expect.stringContaining('outside of the scope of the reader keys') as string,
      });
    }
    await tokens.close();
  });

  it('a service is told of a failure of its own credential', async () => {
    const spec = await kept('team/failed');
    const body = '{"success":false,"status":400,"message":"Token de refresco inválido o expirado"}';
    stack.standIns.of('abitmedia').answerNext(replyWith({ status: 400, body }));
    await keepers.forceRefresh(spec.id, { unusableGeneration: 1, cuts: 'retry-after' });
    const tokens = await connectTokens({ env: readers });
    await expect(tokens.refresh(spec.id, { afterGeneration: 1 })).rejects.toMatchObject({
      code: 'PERMANENTLY_FAILED',
      failure: { code: '400' },
    });
    await tokens.close();
  });

  it('nobody reads material, changes a keeper or cuts its backoff', async () => {
    const reader = readerClient();
    const mine = reader.workflow.getHandle(keeperWorkflowId('team/mine'));
    await expect(mine.query(carriedStateQuery)).rejects.toThrow('takes an owner key');
    const administration = new KeeperAdministration(reader);
    await expect(administration.apply(stack.spec('abitmedia', 'team/mine'))).rejects.toMatchObject({
      code: 'UNDECIPHERABLE',
    });
    await expect(
      administration.forceRefresh('team/mine', { unusableGeneration: 1, cuts: 'retry-after' }),
    ).rejects.toMatchObject({ code: 'UNDECIPHERABLE' });
    const { epoch } = await handle('team/mine').query(statusQuery);
    expect(epoch).toBe(1);
  });
});
