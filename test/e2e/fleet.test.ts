import { afterEach, describe, expect, it } from 'vitest';
import type { CredentialSpec } from '../../src/contract/credential.js';
import type { StatusAnswer } from '../../src/contract/messages.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { oauth2StandIn } from '../../src/stand-ins/oauth2.js';
import type { Script } from '../../src/stand-ins/script.js';
import { type StandIn, startStandIn } from '../../src/stand-ins/stand-in.js';
import { FullStack } from '../support/full-stack.js';
import { openTestNamespace } from '../support/test-namespace.js';

/** For a machine with much else to do. */
const WAIT = { timeout: 120_000 };

/** Many credentials of few authorization servers, over everything real. */
class Fleet {
  readonly stack: FullStack;
  readonly #servers: StandIn[] = [];

  private constructor(stack: FullStack) {
    this.stack = stack;
  }

  static async open(env: Readonly<Record<string, string>>): Promise<Fleet> {
    return new Fleet(await FullStack.open({ openNamespace: openTestNamespace, env }));
  }

  async server(lifetimeSeconds = 3_600): Promise<StandIn> {
    const server = await startStandIn(oauth2StandIn, { lifetimeSeconds });
    this.#servers.push(server);
    return server;
  }

  /** Credentials of one server, not applied yet. */
  specs(server: StandIn, name: string, count: number): readonly CredentialSpec[] {
    return Array.from({ length: count }, (_, index) =>
      this.stack.resolve(server.credential(`${name}/${index}`)),
    );
  }

  async apply(specs: readonly CredentialSpec[]): Promise<void> {
    // A busy machine may take longer for a first task than a caller's patience.
    const administration = new KeeperAdministration(this.stack.client, WAIT.timeout);
    await Promise.all(specs.map((spec) => administration.apply(spec)));
  }

  status({ id }: CredentialSpec): Promise<StatusAnswer> {
    return new TemporalKeepers(this.stack.client).status(id);
  }

  async startedAtMs({ id }: CredentialSpec): Promise<number> {
    const handle = this.stack.client.workflow.getHandle(keeperWorkflowId(id));
    return (await handle.describe()).startTime.getTime();
  }

  /** Waits until every credential is so. */
  async all(
    specs: readonly CredentialSpec[],
    isSo: (status: StatusAnswer) => boolean,
  ): Promise<readonly StatusAnswer[]> {
    const found: StatusAnswer[] = [];
    for (const spec of specs) {
      await expect.poll(async () => isSo(await this.status(spec)), WAIT).toBe(true);
      found.push(await this.status(spec));
    }
    return found;
  }

  /** Requests that hang end with their servers, so that the workers have none to wait for. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
    await this.stack.close();
  }
}

const never: Script = () => new Promise(() => undefined);
const isRefreshed = ({ generation }: StatusAnswer): boolean => generation > 0;

function withSecret(spec: CredentialSpec, clientSecret: string): CredentialSpec {
  return {
    ...spec,
    material: { ...spec.material, clientSecret },
    fingerprints: { ...spec.fingerprints, clientSecret: `of ${clientSecret}` },
  };
}

let fleet: Fleet;
afterEach(() => fleet.close());

describe('an issuer that hangs', () => {
  it(
    'keeps no other issuer of its provider waiting, although they share a queue',
    { timeout: 300_000 },
    async () => {
      fleet = await Fleet.open({
        EVERTOKEN_REFRESHES_AT_ONCE: '4',
        EVERTOKEN_REFRESHES_PER_HOST: '2',
      });
      const hanging = await fleet.server();
      for (let count = 0; count < 30; count += 1) hanging.answerNext(never);
      await fleet.apply(fleet.specs(hanging, 'hanging', 10));
      await expect.poll(() => hanging.requests.length, WAIT).toBe(2);

      const healthy = await fleet.server();
      const specs = fleet.specs(healthy, 'healthy', 10);
      await fleet.apply(specs);
      await fleet.all(specs, isRefreshed);
      // None of the two has reached its deadline, so the other two places served all ten.
      expect(hanging.requests).toHaveLength(2);
    },
  );
});

describe('a client that is rejected for many credentials', () => {
  it(
    'is found out by few requests, and apply of the repaired secret wakes all',
    { timeout: 300_000 },
    async () => {
      fleet = await Fleet.open({ EVERTOKEN_REFRESHES_PER_HOST: '2' });
      const server = await fleet.server();
      const repaired = fleet.specs(server, 'shop', 60);
      await fleet.apply(repaired.map((spec) => withSecret(spec, 'wrong')));
      await fleet.all(repaired, ({ status }) => status === 'client-rejected');
      // Two different ones prove it, and two more may be on the way by then.
      expect(server.requests.length).toBeLessThanOrEqual(4);
      expect(server.refreshes).toBe(0);

      await fleet.apply(repaired);
      await fleet.all(repaired, ({ status }) => status === 'fresh');
      expect(server.refreshes).toBe(60);
      expect(server.requests.length).toBeLessThanOrEqual(64);
    },
  );
});

describe('a group of credentials', () => {
  it(
    'has a rate limit of its own, which holds back no other credential of its provider',
    { timeout: 300_000 },
    async () => {
      fleet = await Fleet.open({ EVERTOKEN_RATE_LIMITS: 'oauth2/slow=0.5' });
      const slow = await fleet.server();
      const grouped = fleet.specs(slow, 'slow', 12).map((spec) => ({ ...spec, group: 'slow' }));
      await fleet.apply(grouped);
      await expect.poll(() => slow.requests.length, WAIT).toBeGreaterThan(0);

      const quick = await fleet.server();
      const others = fleet.specs(quick, 'quick', 12);
      await fleet.apply(others);
      await fleet.all(others, isRefreshed);
      expect(slow.requests.length).toBeLessThan(12);
      await fleet.all(grouped, isRefreshed);
    },
  );
});

describe('a refresh that waited long in a backlog', () => {
  it(
    'is dated by when it was made, so that none is made again at once',
    { timeout: 300_000 },
    async () => {
      fleet = await Fleet.open({ EVERTOKEN_RATE_LIMITS: 'oauth2=0.5' });
      // The backlog lives long, so that its own next refreshes keep nobody waiting.
      const ahead = await fleet.server();
      await fleet.apply(fleet.specs(ahead, 'ahead', 10));
      const server = await fleet.server(20);
      const specs = fleet.specs(server, 'late', 3);
      await fleet.apply(specs);
      const waitedMs = await Promise.all(
        specs.map(async (spec) => {
          const [status] = await fleet.all([spec], isRefreshed);
          // Dated by when it was wanted, the token of 20 s that came after 12 s would be due already.
          expect(status).toMatchObject({ generation: 1, awaitsRefresh: false });
          return (status?.issuedAtMs ?? 0) - (await fleet.startedAtMs(spec));
        }),
      );
      expect(Math.max(...waitedMs)).toBeGreaterThan(12_000);
    },
  );
});
