import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RefreshActivities, RefreshRequest } from '../../src/contract/refresh-activity.js';
import { fingerprintOf } from '../../src/providers/fingerprint.js';
import type { WireAnswer, WireRequest } from '../../src/providers/port.js';
import { answerOf, quietEnvironment, RefreshRig, SCHEDULED_AT } from '../support/refresh-rig.js';

const TOKEN = { access_token: 'a', token_type: 'Bearer', expires_in: 300 };
const LIFE_MS = 300_000;
const LEAD_MS = 30_000;
const MINUTE_MS = 60_000;

interface TenantsClient {
  readonly authentication: 'none' | 'client_secret_basic';
  readonly secret?: string;
}
const CONFIDENTIAL: TenantsClient = { authentication: 'client_secret_basic', secret: 'right' };
const PUBLIC: TenantsClient = { authentication: 'none' };

function credential(
  id: string,
  { authentication, secret }: TenantsClient,
  overrides: Partial<RefreshRequest> = {},
): Partial<RefreshRequest> {
  return {
    credentialId: id,
    provider: 'oauth2',
    config: {
      tokenEndpoint: 'https://login.example/common/token',
      clientId: 'shop',
      clientAuthentication: authentication,
    },
    material: {
      refreshToken: `refresh-${id}`,
      ...(secret === undefined ? {} : { clientSecret: secret }),
    },
    lineage: fingerprintOf(`refresh-${id}`),
    ...overrides,
  };
}

/** Refuses the grants of one tenant, and no other. */
function refusingEvil(error: string): (request: WireRequest) => WireAnswer {
  return ({ body }) =>
    new URLSearchParams(body).get('refresh_token')?.startsWith('refresh-evil') === true
      ? answerOf(400, { error })
      : answerOf(200, TOKEN);
}

/** Wait that a failed attempt asks for. */
function waitOf(error: unknown): number {
  const failure = error as { nextRetryDelay?: number; details?: { retryInMs?: number }[] };
  return failure.nextRetryDelay ?? failure.details?.[0]?.retryInMs ?? MINUTE_MS;
}

let wall = 0;

/** One worker, whose monotonic clock a test moves. */
class Tenants {
  readonly rig = new RefreshRig();
  readonly #worker: RefreshActivities;

  constructor() {
    this.rig.perHost = 1_000;
    this.#worker = this.rig.worker();
  }

  /** What an attempt ends in: `token`, or its failure. */
  async attempt(request: Partial<RefreshRequest>, atMs = wall): Promise<unknown> {
    wall = atMs;
    const info = { scheduledAt: SCHEDULED_AT + atMs };
    return this.rig.attempt(request, info, quietEnvironment(), this.#worker).then(
      () => 'token',
      (error: unknown) => error,
    );
  }
}

beforeEach(() => {
  wall = 0;
  const real = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => real() + wall);
});
afterEach(() => vi.restoreAllMocks());

describe.each([
  ['a public client', PUBLIC, 'unauthorized_client'],
  ['a public client, called invalid', PUBLIC, 'invalid_client'],
  ['a client with a secret, not admitted by one tenant', CONFIDENTIAL, 'unauthorized_client'],
  ['a client with a secret, called invalid for one grant', CONFIDENTIAL, 'invalid_client'],
])('tenants that share %s', (_name, client, code) => {
  it('are not held back by one whose grant is refused', async () => {
    const tenants = new Tenants();
    tenants.rig.answer = refusingEvil(code);
    expect(await tenants.attempt(credential('evil/one', client))).not.toBe('token');
    expect(await tenants.attempt(credential('good/one', client))).toBe('token');
  });

  it('are not held back by one that asks with --now again and again', async () => {
    const tenants = new Tenants();
    tenants.rig.answer = refusingEvil(code);
    for (let atMs = 0; atMs < 10 * MINUTE_MS; atMs += 11_000) {
      await tenants.attempt(credential('evil/one', client, { reason: 'forced-now' }), atMs);
      const good = credential(`good/${atMs}`, client);
      expect(await tenants.attempt(good, atMs + 1_000), `at ${atMs}`).toBe('token');
    }
  });

  it.each([0, 8])(
    'let no token expire when two of one tenant’s grants are refused, and asked for %i times more, before it is due',
    async (again) => {
      const tenants = new Tenants();
      tenants.rig.answer = refusingEvil(code);
      const evils = ['evil/one', 'evil/two'];
      for (const id of evils) await tenants.attempt(credential(id, client));
      let atMs = 1_000;
      for (let count = 0; count < again; count += 1, atMs += 2 * MINUTE_MS) {
        const now = { reason: 'forced-now' } as const;
        for (const id of evils) await tenants.attempt(credential(id, client, now), atMs);
      }
      const issuedAtMs = SCHEDULED_AT;
      const expiresAtMs = SCHEDULED_AT + atMs + LEAD_MS;
      const currentToken = { tokenType: 'Bearer', issuedAtMs, expiresAtMs };
      for (;;) {
        const good = credential('good/one', client, { currentToken });
        const outcome = await tenants.attempt(good, atMs);
        if (outcome === 'token') break;
        atMs += waitOf(outcome);
      }
      expect(SCHEDULED_AT + atMs).toBeLessThan(expiresAtMs);
    },
  );

  it('let no token expire over hours in which two of one tenant’s grants are refused', async () => {
    const tenants = new Tenants();
    tenants.rig.answer = refusingEvil(code);
    const evils = ['evil/one', 'evil/two'].map((id) => ({ id, atMs: 0, expiresAtMs: Infinity }));
    const goods = Array.from({ length: 10 }, (_, index) => {
      const atMs = (index * (LIFE_MS - LEAD_MS)) / 10;
      return { id: `good/${index}`, atMs, expiresAtMs: atMs + LEAD_MS };
    });
    const late: number[] = [];
    for (;;) {
      const next = [...evils, ...goods].reduce((one, other) =>
        other.atMs < one.atMs ? other : one,
      );
      const { atMs } = next;
      if (atMs > 60 * MINUTE_MS) break;
      const isClientRejected = { isClientRejected: true } as const;
      const outcome = await tenants.attempt(credential(next.id, client, isClientRejected), atMs);
      if (outcome !== 'token') next.atMs += waitOf(outcome);
      else {
        if (atMs > next.expiresAtMs) late.push(atMs);
        tenants.rig.journal.entries.delete(next.id);
        next.expiresAtMs = atMs + LIFE_MS;
        next.atMs = atMs + LIFE_MS - LEAD_MS;
      }
    }
    // Two refused ones may be the client: once, and for two looks at most.
    expect(late.filter((atMs) => atMs > 3 * MINUTE_MS)).toEqual([]);
  });
});

describe('tenants of which one does not have the secret', () => {
  it('are not starved by trials of secrets that are all wrong', async () => {
    const tenants = new Tenants();
    const rejected = answerOf(401, { error: 'invalid_client' });
    const right = `Basic ${Buffer.from('shop:right').toString('base64')}`;
    let release: () => void = () => undefined;
    const isWrong = (request: WireRequest): boolean => request.headers['authorization'] !== right;
    tenants.rig.answer = (request) => (isWrong(request) ? rejected : answerOf(200, TOKEN));
    const wrong = { ...CONFIDENTIAL, secret: 'wrong' };
    for (const id of ['evil/a', 'evil/b']) await tenants.attempt(credential(id, wrong));
    tenants.rig.answer = async (request) => {
      if (!isWrong(request)) return answerOf(200, TOKEN);
      await new Promise<void>((resolve) => (release = resolve));
      return rejected;
    };
    const trial = tenants.attempt(credential('evil/c', { ...CONFIDENTIAL, secret: 'wrong too' }));
    await expect.poll(() => tenants.rig.sent.length).toBe(3);
    expect(await tenants.attempt(credential('good/one', CONFIDENTIAL))).toBe('token');
    release();
    await trial;
  });
});

describe('a client that is rejected for 500 credentials', () => {
  it('is tried by a few requests, and wakes all within two looks once it is accepted', async () => {
    const tenants = new Tenants();
    tenants.rig.answer = () => answerOf(401, { error: 'invalid_client' });
    const all = Array.from({ length: 500 }, (_, index) => ({ id: `good/${index}`, atMs: index }));
    const until = async (endMs: number): Promise<void> => {
      for (;;) {
        const next = all.reduce((one, other) => (other.atMs < one.atMs ? other : one));
        if (next.atMs > endMs) return;
        const request = credential(next.id, CONFIDENTIAL, { isClientRejected: true });
        const outcome = await tenants.attempt(request, next.atMs);
        next.atMs = outcome === 'token' ? Number.POSITIVE_INFINITY : next.atMs + waitOf(outcome);
      }
    };
    await until(6 * MINUTE_MS);
    // Their tokens end within the first minute, so that some of them try it early.
    expect(tenants.rig.sent.length).toBeLessThan(9);
    tenants.rig.answer = () => answerOf(200, TOKEN);
    await tenants.attempt(credential('good/7', CONFIDENTIAL, { reason: 'forced-now' }));
    await until(8 * MINUTE_MS);
    expect(all.filter(({ atMs }) => atMs !== Number.POSITIVE_INFINITY)).toEqual([]);
  }, 120_000);
});
