import { describe, expect, it } from 'vitest';
import type { AttemptContext } from '../../src/activities/attempt-context.js';
import { AttemptTurn } from '../../src/activities/attempt-turn.js';
import { HostPlaces } from '../../src/activities/host-places.js';
import type { RefreshRequest } from '../../src/contract/refresh-activity.js';
import { CLIENT_LOOK_MS, TURN_MAX_MS, TURN_MIN_MS } from '../../src/policy/fleet-numbers.js';
import { fingerprintOf } from '../../src/providers/fingerprint.js';
import type { WireAnswer } from '../../src/providers/port.js';
import { WireError } from '../../src/providers/wire-error.js';
import { answerOf, quietEnvironment, RefreshRig, SCHEDULED_AT } from '../support/refresh-rig.js';

const TOKEN = { access_token: 'a', token_type: 'Bearer', expires_in: 3_600 };
const REJECTED = answerOf(401, { error: 'invalid_client' });

/** Credential of one client at one server. */
function oauth2(name: string, overrides: Partial<RefreshRequest> = {}): Partial<RefreshRequest> {
  const material = { refreshToken: `refresh-${name}`, clientSecret: 'wrong' };
  return {
    credentialId: `acme/${name}`,
    provider: 'oauth2',
    config: { tokenEndpoint: 'https://id.example/token', clientId: 'shop' },
    material,
    lineage: fingerprintOf(`refresh-${name}`),
    ...overrides,
  };
}

function withSecret(name: string, clientSecret: string): Partial<RefreshRequest> {
  return oauth2(name, { material: { refreshToken: `refresh-${name}`, clientSecret } });
}

/** Attempts of one worker process. */
class OneWorker {
  readonly rig = new RefreshRig();
  readonly #worker = this.rig.worker();

  attempt(
    request: Partial<RefreshRequest>,
    info: Parameters<RefreshRig['attempt']>[1] = {},
  ): ReturnType<RefreshRig['attempt']> {
    return this.rig.attempt(request, info, quietEnvironment(), this.#worker);
  }

  failure(
    request: Partial<RefreshRequest>,
    info: Parameters<RefreshRig['attempt']>[1] = {},
  ): ReturnType<RefreshRig['failure']> {
    return this.rig.failure(request, info, quietEnvironment(), this.#worker);
  }
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Opens as many requests at the host as may be open there: two, which the test answers. */
async function fullHost(one = new OneWorker()) {
  const answer = deferred<WireAnswer>();
  const before = one.rig.sent.length;
  one.rig.answer = () => answer.promise;
  const open = [one.attempt(oauth2('8')), one.attempt(oauth2('9'))];
  await expect.poll(() => one.rig.sent.length).toBe(before + 2);
  const empty = async (): Promise<void> => {
    answer.resolve(answerOf(200, TOKEN));
    await Promise.all(open);
  };
  return { one, empty };
}

describe('an attempt that finds its host full', () => {
  it('fails at once, sends and records nothing, and comes back soon', async () => {
    const { one, empty } = await fullHost();
    const failure = await one.failure(oauth2('3'));
    expect(failure).toMatchObject({ type: 'TurnAwaitedError', nonRetryable: false });
    expect(failure.details[0].code).toBe('host_full');
    expect(failure.nextRetryDelay).toBeGreaterThanOrEqual(TURN_MIN_MS);
    expect(failure.nextRetryDelay).toBeLessThanOrEqual(TURN_MAX_MS);
    expect(one.rig.sent).toHaveLength(2);
    expect(await one.rig.journal.read('acme/3')).toBeUndefined();
    await empty();
  });

  it('leaves the places of other hosts alone, also of another port', async () => {
    const { one, empty } = await fullHost();
    one.rig.answer = () => answerOf(200, TOKEN);
    for (const tokenEndpoint of ['https://id.example:8443/token', 'https://id2.example/token']) {
      const other = oauth2('3', { config: { tokenEndpoint, clientId: 'shop' } });
      expect((await one.attempt(other)).generation).toBe(6);
    }
    await empty();
  });

  it('counts look-ups at the issuer too, and says that the host is full, not that they failed', async () => {
    const { one, empty } = await fullHost();
    const config = { issuer: 'https://id.example', clientId: 'shop' };
    const failure = await one.failure(oauth2('3', { config }));
    expect(failure.details[0].code).toBe('host_full');
    await empty();
  });

  it('sends once a place is free', async () => {
    const { one, empty } = await fullHost();
    await one.failure(oauth2('3'));
    await empty();
    one.rig.answer = () => answerOf(200, TOKEN);
    expect((await one.attempt(oauth2('3'), { attempt: 2 })).generation).toBe(6);
  });

  it('leaves its place when it ends badly, too', async () => {
    const one = new OneWorker();
    one.rig.answer = () => answerOf(503, {});
    for (const name of ['1', '2', '3', '4']) {
      expect((await one.failure(oauth2(name))).type).toBe('TransientRefreshError');
    }
  });

  it('takes no place any more once it is over, since nobody would give it back', () => {
    const hosts = new HostPlaces(1);
    const deps = { hosts };
    const request = { credentialId: 'acme/1' };
    const turn = new AttemptTurn({ deps, request } as unknown as AttemptContext, undefined);
    turn.end();
    expect(() => turn.takePlace('https://id.example/token')).toThrow(WireError);
    expect(hosts.take('id.example')).toHaveProperty('leave');
  });

  it('keeps a Retry-After as it was, and the force that may pass it', async () => {
    const one = new OneWorker();
    one.rig.answer = () => answerOf(429, {}, { 'retry-after': '600' });
    await one.failure(oauth2('3'));
    const before = (await one.rig.journal.read('acme/3'))?.setback;
    const { empty } = await fullHost(one);
    const forced = oauth2('3', { reason: 'forced-now' });
    expect((await one.failure(oauth2('3'))).type).toBe('RetryAfterHoldError');
    expect((await one.failure(forced)).type).toBe('TurnAwaitedError');
    expect((await one.rig.journal.read('acme/3'))?.setback).toEqual(before);
    await empty();
    one.rig.answer = () => answerOf(200, TOKEN);
    expect((await one.attempt(forced, { attempt: 2 })).generation).toBe(6);
  });
});

describe('a client that is rejected', () => {
  const LATER = SCHEDULED_AT + 30_000;

  async function rejectedClient(): Promise<OneWorker> {
    const one = new OneWorker();
    one.rig.answer = () => REJECTED;
    for (const name of ['0', '1']) {
      expect((await one.failure(oauth2(name))).type).toBe('ClientRejectedError');
    }
    return one;
  }

  it('is found out by two requests for all of its credentials', async () => {
    const one = await rejectedClient();
    for (let count = 2; count <= 50; count += 1) {
      const failure = await one.failure(oauth2(String(count)), { scheduledAt: LATER });
      expect(failure).toMatchObject({ type: 'ClientRejectedError', nonRetryable: true });
      expect(failure.details[0]).toMatchObject({ code: 'invalid_client', httpStatus: 401 });
      expect(failure.details[0].clientRejectedAtMs).toBeLessThan(LATER);
      expect(failure.details[0].retryInMs).toBeLessThanOrEqual(CLIENT_LOOK_MS);
      expect(failure.message).toContain('none was sent for this one');
    }
    expect(one.rig.sent).toHaveLength(2);
    expect(await one.rig.journal.read('acme/50')).toBeUndefined();
  });

  it('is looked at again by the server’s retries once its keepers show it, which costs no history', async () => {
    const one = await rejectedClient();
    const failure = await one.failure(oauth2('2', { isClientRejected: true }));
    expect(failure).toMatchObject({ type: 'ClientRejectedError', nonRetryable: false });
    expect(failure.nextRetryDelay).toBeLessThanOrEqual(CLIENT_LOOK_MS);
    expect(failure.details[0].retryInMs).toBeUndefined();
  });

  it('concerns no other client, no other server and no other way to authenticate', async () => {
    const one = await rejectedClient();
    one.rig.answer = () => answerOf(200, TOKEN);
    const tokenEndpoint = 'https://id.example/token';
    const others = [
      { tokenEndpoint, clientId: 'other' },
      { tokenEndpoint: 'https://id2.example/token', clientId: 'shop' },
      { tokenEndpoint, clientId: 'shop', clientAuthentication: 'client_secret_post' },
    ];
    for (const [index, config] of others.entries()) {
      expect((await one.attempt(oauth2(`other-${index}`, { config }))).generation).toBe(6);
    }
  });

  it('is tried at once with a repaired secret, by one request, and then by all', async () => {
    const one = await rejectedClient();
    const answer = deferred<WireAnswer>();
    one.rig.answer = () => answer.promise;
    const trial = one.attempt(withSecret('2', 'right'));
    await expect.poll(() => one.rig.sent.length).toBe(3);
    const other = await one.failure(withSecret('3', 'right'));
    expect(other.type).toBe('TurnAwaitedError');
    expect(other.details[0].code).toBe('client_on_trial');
    answer.resolve(answerOf(200, TOKEN));
    await trial;
    one.rig.answer = () => answerOf(200, TOKEN);
    for (const name of ['3', '4', '5']) {
      expect((await one.attempt(withSecret(name, 'right'))).generation).toBe(6);
    }
    expect((await one.failure(oauth2('6'))).type).toBe('ClientRejectedError');
    expect(one.rig.sent).toHaveLength(6);
  });

  it('is tried at once with a secret that was repaired on the worker', async () => {
    const one = new OneWorker();
    const ofWorker = (name: string): Partial<RefreshRequest> =>
      oauth2(name, {
        material: {
          refreshToken: `refresh-${name}`,
          clientSecret: { $workerEnv: 'EVERTOKEN_SECRET_SHOP' },
        },
      });
    one.rig.env['EVERTOKEN_SECRET_SHOP'] = 'wrong';
    one.rig.answer = () => REJECTED;
    await one.failure(ofWorker('1'));
    await one.failure(ofWorker('2'));
    await one.failure(ofWorker('3'));
    one.rig.env['EVERTOKEN_SECRET_SHOP'] = 'right';
    one.rig.answer = () => answerOf(200, TOKEN);
    expect((await one.attempt(ofWorker('3'))).generation).toBe(6);
    expect((await one.attempt(ofWorker('4'))).generation).toBe(6);
    expect(one.rig.sent).toHaveLength(4);
  });

  it('is found out by two requests again where the new secret is wrong as well', async () => {
    const one = await rejectedClient();
    for (let count = 2; count <= 20; count += 1) {
      const failure = await one.failure(withSecret(String(count), 'also wrong'));
      expect(failure.type).toBe('ClientRejectedError');
    }
    expect(one.rig.sent).toHaveLength(4);
  });

  it('is tried at once where an operator says so', async () => {
    const one = await rejectedClient();
    one.rig.answer = () => answerOf(200, TOKEN);
    expect((await one.failure(oauth2('2', { reason: 'forced' }))).type).toBe('ClientRejectedError');
    expect((await one.attempt(oauth2('2', { reason: 'forced-now' }))).generation).toBe(6);
    expect((await one.attempt(oauth2('3'))).generation).toBe(6);
  });

  it('is tried by what an operator asked for also after that waited for its turn, but by one request only', async () => {
    const one = await rejectedClient();
    const answer = deferred<WireAnswer>();
    one.rig.answer = () => answer.promise;
    const config = { tokenEndpoint: 'https://id.example/token', clientId: 'other' };
    const open = ['8', '9'].map((name) => one.attempt(oauth2(name, { config })));
    await expect.poll(() => one.rig.sent.length).toBe(4);
    const asked = oauth2('2', { reason: 'forced-now' });
    expect((await one.failure(asked)).details[0].code).toBe('host_full');
    answer.resolve(answerOf(200, TOKEN));
    await Promise.all(open);

    one.rig.answer = () => answerOf(503, {});
    const sent = await one.failure(asked, { attempt: 2 });
    expect(sent.type).toBe('TransientRefreshError');
    const again = await one.failure(asked, { attempt: 3, scheduledAt: LATER });
    expect(again.type).toBe('ClientRejectedError');
    expect(one.rig.sent).toHaveLength(5);
  });

  it('stays held, without a request of each, where a trial ends without a verdict', async () => {
    const one = await rejectedClient();
    one.rig.answer = () => answerOf(503, {});
    const trial = await one.failure(oauth2('2', { reason: 'forced-now' }));
    expect(trial.type).toBe('TransientRefreshError');
    expect((await one.failure(oauth2('3'))).type).toBe('ClientRejectedError');
    expect(one.rig.sent).toHaveLength(3);
  });

  it('is tried by another credential where the one that was to try it could not write its intent', async () => {
    const one = await rejectedClient();
    one.rig.journal.writesLeft = 0;
    await one.failure(withSecret('2', 'right'));
    one.rig.journal.writesLeft = Number.POSITIVE_INFINITY;
    one.rig.answer = () => answerOf(200, TOKEN);
    expect((await one.attempt(withSecret('3', 'right'))).generation).toBe(6);
  });

  it('tells no secret of it to the log', async () => {
    const one = await rejectedClient();
    await one.failure(oauth2('2'));
    expect(one.rig.logged.join('\n')).not.toContain('wrong');
  });
});
