import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CredentialSpec } from '../../src/contract/credential.js';
import { carriedStateQuery, statusQuery } from '../../src/contract/message-definitions.js';
import { keeperWorkflowId, PUBLISHED_MEMO } from '../../src/contract/names.js';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { EncryptionCodec } from '../../src/encryption/payload-codec.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { abitmediaStandIn } from '../../src/stand-ins/abitmedia.js';
import { oauth2StandIn } from '../../src/stand-ins/oauth2.js';
import { type StandIn, startStandIn } from '../../src/stand-ins/stand-in.js';
import type { StandInWire } from '../../src/stand-ins/wire.js';
import { FullStack } from '../support/full-stack.js';
import { hangBeforeWork, replyWith } from '../support/provider-scripts.js';
import { openTestNamespace } from '../support/test-namespace.js';
import { Attacker, plain } from './attacker.js';

let stack: FullStack;
let attacker: Attacker;
let keepers: KeeperAdministration;
const standIns: StandIn[] = [];

beforeAll(async () => {
  stack = await FullStack.open({ openNamespace: openTestNamespace });
  attacker = Attacker.beside(stack.client);
  keepers = new KeeperAdministration(stack.client);
});
afterAll(async () => {
  // Requests that hang end with their servers, so that the workers have none to wait for.
  await Promise.all(standIns.map((standIn) => standIn.close()));
  await stack.close();
});

const WHILE_IT_WAITS = { timeout: 90_000, interval: 200 };
const handle = (id: string) => stack.client.workflow.getHandle(keeperWorkflowId(id));
const status = (id: string) => handle(id).query(statusQuery);

const keyRing = (): KeyRing => KeyRing.parse(stack.env['EVERTOKEN_ENCRYPTION_KEYS'] ?? '');

/** A credential of a provider of its own, so that attacks do not meet. */
async function kept(
  id: string,
  wire: StandInWire = oauth2StandIn,
): Promise<{ readonly spec: CredentialSpec; readonly standIn: StandIn }> {
  const standIn = await startStandIn(wire, { lifetimeSeconds: 3_600 });
  standIns.push(standIn);
  const spec = stack.resolve(standIn.credential(id));
  await keepers.apply(spec);
  await reaches(id, 1);
  return { spec, standIn };
}

function reaches(id: string, generation: number): Promise<void> {
  return vi.waitFor(async () => {
    expect((await status(id)).generation).toBe(generation);
  }, WHILE_IT_WAITS);
}

function receives(standIn: StandIn, requests: number): Promise<void> {
  return vi.waitFor(() => {
    expect(standIn.requests).toHaveLength(requests);
  }, WHILE_IT_WAITS);
}

async function messagesOf(id: string): Promise<number> {
  const { events } = await handle(id).fetchHistory();
  // The keeper has run with it only once a workflow task came after it.
  const last = events?.findLastIndex((event) => event.workflowExecutionSignaledEventAttributes);
  const isHandled = events?.slice(last).some((event) => event.workflowTaskCompletedEventAttributes);
  return isHandled === true ? 1 : 0;
}

async function forced(id: string): Promise<void> {
  const { generation } = await status(id);
  await keepers.forceRefresh(id, { unusableGeneration: generation, cuts: 'retry-after' });
  await reaches(id, generation + 1);
}

/** Refresh tokens that went to the authorization server, in order. */
const sentTo = ({ requests }: StandIn): readonly string[] =>
  requests.map(({ body }) => new URLSearchParams(body).get('refresh_token') ?? '');

// All at once: most of their time they wait for a deadline.
describe.concurrent('without a key', () => {
  it('nobody puts a spent refresh token back by completing a refresh with an old sealed result of the same credential', async () => {
    const id = 'replay/result';
    const { standIn } = await kept(id);
    await forced(id);
    await forced(id);
    const [first] = await attacker.results(id);
    const before = (await handle(id).query(carriedStateQuery)).spec.material['refreshToken'];

    const requests = standIn.requests.length;
    standIn.answerNext(hangBeforeWork);
    await keepers.forceRefresh(id, { unusableGeneration: 3, cuts: 'retry-after' });
    await receives(standIn, requests + 1);
    await attacker.completeActivity(id, first ?? {});

    await reaches(id, 4);
    await forced(id);
    expect((await status(id)).status).toBe('fresh');
    const tokens = sentTo(standIn).filter((token) => token !== before);
    expect(new Set(tokens).size).toBe(tokens.length);
  }, 120_000);

  it('nobody ends a healthy credential for good by failing a refresh with old sealed details of a passing failure', async () => {
    const id = 'replay/failure';
    const { standIn } = await kept(id);
    const requests = standIn.requests.length;
    standIn.answerNext(replyWith({ status: 503, body: '' }));
    standIn.answerNext(hangBeforeWork);
    await keepers.forceRefresh(id, { unusableGeneration: 1, cuts: 'retry-after' });
    await receives(standIn, requests + 2);
    const details = await attacker.failureDetails(id);
    expect(details).toHaveLength(1);
    await attacker.failActivity(id, {
      type: 'PermanentRefreshError',
      nonRetryable: true,
      details: { payloads: [...details] },
    });
    await reaches(id, 2);
    expect((await status(id)).status).toBe('fresh');
  }, 120_000);

  it('nobody makes a keeper refresh with what an operator sealed for another one', async () => {
    const { spec: victim } = await kept('replay/victim', abitmediaStandIn);
    const codec = new EncryptionCodec({ keyRing: keyRing(), allowPlaintext: false });
    const sealed = (json: object) => codec.encode([plain(JSON.stringify(json))]);
    const force = { unusableGeneration: 1, cuts: 'retry-after', wantedAtMs: Date.now() };
    // Through the codec server nothing but its words binds a force to a keeper.
    await expect(sealed(force)).rejects.toThrow('only a forced refresh');
    await attacker.signal(victim.id, 'forceRefresh', await sealed({ ...force, credentialId: 'x' }));
    await vi.waitFor(async () => {
      expect(await messagesOf(victim.id)).toBe(1);
    }, WHILE_IT_WAITS);
    expect(await status(victim.id)).toMatchObject({ generation: 1, awaitsRefresh: false });

    const own = await sealed({ ...force, credentialId: victim.id });
    await attacker.signal(victim.id, 'forceRefresh', own);
    await reaches(victim.id, 2);
  }, 60_000);

  it('nobody makes a keeper refresh by sending it what it published or answered', async () => {
    const id = 'replay/published';
    const { standIn } = await kept(id);
    const requests = standIn.requests.length;
    const sealed = [
      await attacker.memo(id, PUBLISHED_MEMO.answer),
      ...(await Promise.all(
        ['token', 'status', 'carriedState'].map((query) => attacker.answer(id, query)),
      )),
    ];
    for (const payload of sealed) {
      expect(payload.data?.length).toBeGreaterThan(0);
      await attacker.signal(id, 'forceRefresh', [payload]);
    }
    await vi.waitFor(async () => {
      expect(await messagesOf(id)).toBe(1);
    }, WHILE_IT_WAITS);
    expect(await status(id)).toMatchObject({
      generation: 1,
      awaitsRefresh: false,
      forcePending: false,
    });
    expect(standIn.requests).toHaveLength(requests);
  }, 60_000);

  it('nobody makes a keeper refresh with what a service sealed for a later generation, before a new start', async () => {
    const id = 'replay/later';
    const { standIn } = await kept(id);
    const codec = new EncryptionCodec({ keyRing: keyRing(), allowPlaintext: false });
    const place = { type: 'workflow', namespace: '', workflowId: keeperWorkflowId(id) } as const;
    const sealed = (json: object) => codec.encode([plain(JSON.stringify(json))], place);
    const wish = { minValidityMs: 0, generation: 400, afterGeneration: 400 };
    const requests = standIn.requests.length;
    await attacker.signal(id, 'forceRefresh', await sealed({ unusableGeneration: 400 }));
    expect(await attacker.update(id, 'ensureFresh', await sealed(wish))).toBe(
      'NotFreshInTimeError',
    );
    expect(standIn.requests).toHaveLength(requests);
  }, 60_000);

  it('nobody revokes a healthy grant by sending again what an operator sent once, in vain', async () => {
    const id = 'replay/revocation';
    const { standIn } = await kept(id);
    standIn.answerNext(replyWith({ status: 400, body: '{"error":"unsupported_token_type"}' }));
    expect(await keepers.revoke(id)).toMatchObject({ outcome: 'not-revoked' });
    const copy = await attacker.updateInputs(id, 'revoke');
    expect(copy).toHaveLength(1);
    const before = standIn.requests.length;
    expect(await attacker.update(id, 'revoke', copy)).toBe('ApplyRefusedError');
    expect((await status(id)).status).toBe('fresh');
    expect(standIn.requests).toHaveLength(before);
    // The operator may still ask again.
    expect(await keepers.revoke(id)).toEqual({ outcome: 'revoked' });
  }, 60_000);

  it.each([
    ['a keeper’s workflow with junk', 'credentialKeeper', 'evertoken', 'junk'],
    ['a keeper’s workflow with an old update', 'credentialKeeper', 'evertoken', 'apply'],
    ['any workflow that no worker runs', 'anything', 'nobody-serves-this', 'junk'],
  ])(
    'nobody freezes a credential by starting %s under its name',
    async (_what, type, queue, sent) => {
      const id = `replay/squatted-${type.toLowerCase()}-with-${sent}`;
      const { spec } = await kept(id);
      await forced(id);
      expect(await keepers.apply(spec)).toMatchObject({ outcome: 'unchanged' });
      const old = await attacker.updateInputs(id, 'apply');
      expect(old).toHaveLength(1);
      await attacker.terminate(id);
      const payloads = sent === 'apply' ? old : [plain('{"junk":true}')];
      await attacker.start(id, { type, queue, payloads });
      // The operator ends what is not theirs, and applies the file, as the documentation says of a terminated keeper.
      await attacker.terminate(id);
      await expect(keepers.apply(spec)).resolves.toMatchObject({
        outcome: expect.stringMatching(/started/) as string,
      });
      await reaches(id, 2);
      await forced(id);
    },
    60_000,
  );
});
