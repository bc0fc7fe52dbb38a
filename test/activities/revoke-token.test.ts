import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { KEEPER_WORKFLOW_TYPE } from '../../src/contract/names.js';
import { UnopenedEntryError } from '../../src/journal/port.js';
import type { RevokeTokenRequest } from '../../src/contract/revocation.js';
import {
  LATE_RECORD_MAX_MS,
  PREPARE_DEADLINE_MS,
  REVOKE_REQUEST_MAX_AGE_MS,
  REVOKE_SEND_WITHIN_MS,
} from '../../src/policy/attempt-numbers.js';
import { fingerprintOf } from '../../src/providers/fingerprint.js';
import {
  answerOf,
  askedByKeeperOf,
  journalEntry,
  RefreshRig,
  SCHEDULED_AT,
} from '../support/refresh-rig.js';

const REQUEST: RevokeTokenRequest = {
  credentialId: 'acme/shop',
  provider: 'oauth2',
  config: {
    tokenEndpoint: 'https://login.example/token',
    revocationEndpoint: 'https://login.example/revoke',
    clientId: 'client',
    clientAuthentication: 'none',
  },
  material: { refreshToken: 'refresh-5' },
  lineage: fingerprintOf('login'),
  application: 1_000,
  generation: 5,
  wantedAtMs: SCHEDULED_AT,
};
const ANSWER = {
  credentialId: REQUEST.credentialId,
  lineage: REQUEST.lineage,
  epoch: 1,
  earlierLogins: [],
  generation: 5,
  token: { value: 'access-5', tokenType: 'Bearer', issuedAtMs: SCHEDULED_AT, expiresAtMs: 1 },
  application: 1,
  waitedMs: 0,
  refreshLeadMs: 1,
  journalId: 'journal-1',
  replacedMaterial: { refreshToken: 'refresh-5' },
};

function rigWith(entry: Parameters<typeof journalEntry>[0]): RefreshRig {
  const rig = new RefreshRig();
  rig.journal.entries.set(REQUEST.credentialId, journalEntry(entry));
  return rig;
}

describe('a revocation', () => {
  it('presents the keeper’s refresh token where the journal knows nothing newer', async () => {
    const rig = rigWith({ lineage: REQUEST.lineage, answer: ANSWER });
    await rig.revoke(REQUEST);
    const presented = rig.sent.map(({ body }) => new URLSearchParams(body).get('token'));
    expect(presented).toEqual(['refresh-5']);
  });

  it.each([
    ['a later generation', { lineage: REQUEST.lineage, answer: { ...ANSWER, generation: 6 } }],
    ['a later application', { lineage: REQUEST.lineage, application: 2_000 }],
    [
      'a later login',
      { lineage: 'later', earlierLogins: [{ lineage: REQUEST.lineage, replacedAtMs: 1 }] },
    ],
  ])('is refused, with nothing sent, where the journal knows %s', async (_what, entry) => {
    const rig = rigWith(entry);
    await expect(rig.revoke(REQUEST)).rejects.toMatchObject({
      type: 'RevocationFailedError',
      nonRetryable: true,
      details: [{ code: 'newest_token_unknown' }],
    });
    expect(rig.sent).toEqual([]);
  });

  it('is done once the refresh token is revoked, and says that an access token which is not may live on', async () => {
    const rig = rigWith({ lineage: REQUEST.lineage, answer: ANSWER });
    rig.answer = (request) => {
      const isAccess = new URLSearchParams(request.body).get('token') === 'access-5';
      return isAccess ? answerOf(503, 'busy') : answerOf(200, '');
    };
    const request = { ...REQUEST, accessToken: 'access-5' };
    await expect(rig.revoke(request)).resolves.toMatchObject({ isAccessTokenLeft: true });
    rig.answer = () => answerOf(200, '');
    await expect(rig.revoke(request)).resolves.not.toHaveProperty('isAccessTokenLeft');
  });

  it.each([
    ['in JSON', JSON.stringify({ error: 'invalid_client' }), 'application/json'],
    ['in a form', 'error=invalid_token', 'application/x-www-form-urlencoded'],
  ])(
    'is not called done where the provider refuses it with status 200, %s',
    async (_, body, type) => {
      const rig = rigWith({ lineage: REQUEST.lineage, answer: ANSWER });
      rig.answer = () => answerOf(200, body, { 'content-type': type });
      await expect(rig.revoke(REQUEST)).rejects.toMatchObject({
        type: 'RevocationFailedError',
        nonRetryable: true,
        details: [{ code: 'http_200' }],
      });
      expect(rig.logged.join()).not.toContain('grant revoked');
    },
  );

  it('is not called done beside an empty journal, as after a move: nobody knows the newest token', async () => {
    const rig = new RefreshRig();
    await expect(rig.revoke(REQUEST)).rejects.toMatchObject({
      details: [{ code: 'newest_token_unknown' }],
    });
    const applied = { ...REQUEST, material: { refreshToken: 'login' } };
    await expect(rig.revoke({ ...applied, doubtSinceMs: 1 })).rejects.toMatchObject({
      details: [{ code: 'newest_token_unknown' }],
    });
    expect(rig.sent).toEqual([]);
    await expect(rig.revoke(applied)).resolves.toMatchObject({ credentialId: 'acme/shop' });
  });

  it('is not called done beside an older journal that was restored', async () => {
    const older = { ...ANSWER, generation: 3, replacedMaterial: { refreshToken: 'refresh-3' } };
    const rig = rigWith({ lineage: REQUEST.lineage, answer: older });
    await expect(rig.revoke(REQUEST)).rejects.toMatchObject({
      details: [{ code: 'newest_token_unknown' }],
    });
    expect(rig.sent).toEqual([]);
  });

  it('is dated by the server, since a worker’s clock may be wrong: the journaled token ends at that moment', async () => {
    const token = {
      ...ANSWER.token,
      issuedAtMs: SCHEDULED_AT - 60_000,
      expiresAtMs: SCHEDULED_AT + 3_600_000,
    };
    const rig = rigWith({ lineage: REQUEST.lineage, answer: { ...ANSWER, token } });
    const { revokedAtMs } = await rig.revoke(REQUEST);
    const endedAtMs = rig.journal.entries.get(REQUEST.credentialId)?.answer?.token.expiresAtMs;
    for (const atMs of [revokedAtMs, endedAtMs]) {
      expect(atMs).toBeGreaterThanOrEqual(SCHEDULED_AT);
      expect(atMs).toBeLessThan(SCHEDULED_AT + 60_000);
    }
  });

  it('says which key is missing where the journal’s entry does not open, and is repeated: another worker may have it', async () => {
    const rig = new RefreshRig();
    rig.journal.failsToRead = true;
    rig.journal.readError = new UnopenedEntryError(REQUEST.credentialId, 'old-key');
    await expect(rig.revoke(REQUEST)).rejects.toMatchObject({
      nonRetryable: false,
      details: [{ code: 'journal_undecipherable' }],
    });
    expect(rig.logged.join('\n')).toContain('"keyId":"old-key"');
    expect(rig.sent).toEqual([]);
  });

  it('says and counts that its outcome could not be journaled', async () => {
    const rig = rigWith({ lineage: REQUEST.lineage, answer: ANSWER });
    rig.journal.writesLeft = 0;
    await expect(rig.revoke(REQUEST)).resolves.toMatchObject({ credentialId: 'acme/shop' });
    expect(rig.counted).toContain('journal write failed oauth2');
    expect(rig.logged.join('\n')).toContain('"journalError":"cannot be written"');
  });

  it('journals its outcome once the journal can be written again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const rig = rigWith({ lineage: REQUEST.lineage, answer: ANSWER });
    rig.journal.writesLeft = 0;
    await rig.revoke(REQUEST);
    rig.journal.writesLeft = 1;
    await vi.advanceTimersByTimeAsync(LATE_RECORD_MAX_MS);
    expect(rig.journal.writes).toHaveLength(1);
    expect(rig.logged.join('\n')).toContain('revocation is journaled now');
  });

  it('waits for a look-up no longer than a refresh does, so that its time covers both of its requests', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const rig = rigWith({ lineage: REQUEST.lineage, answer: ANSWER });
    rig.answer = () => new Promise(() => undefined);
    const config = {
      issuer: 'https://login.example',
      clientId: 'client',
      clientAuthentication: 'none',
    };
    const revoked = rig.revoke({ ...REQUEST, config }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(PREPARE_DEADLINE_MS);
    expect(await revoked).toMatchObject({
      nonRetryable: false,
      details: [{ code: 'look_up_failed' }],
    });
  });

  it('sends nothing once its machine has stood still for so long that its keeper may go on', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const rig = rigWith({ lineage: REQUEST.lineage, answer: ANSWER });
    const read = rig.journal.read.bind(rig.journal);
    rig.journal.read = async (id) => {
      vi.setSystemTime(Date.now() + REVOKE_SEND_WITHIN_MS + 1);
      return read(id);
    };
    await expect(rig.revoke(REQUEST)).rejects.toMatchObject({
      nonRetryable: false,
      details: [{ code: 'attempt_too_late' }],
    });
    expect(rig.sent).toEqual([]);
  });

  it('logs which part of a misconfigured worker keeps it from being made', async () => {
    const rig = rigWith({ lineage: REQUEST.lineage, answer: ANSWER });
    const material = { ...REQUEST.material, clientSecret: { $workerEnv: 'EVERTOKEN_SECRET_NONE' } };
    await expect(rig.revoke({ ...REQUEST, material })).rejects.toMatchObject({
      details: [{ code: 'missing_secret' }],
    });
    expect(rig.logged.join()).toContain('no variable on the worker [field=clientSecret]');
  });

  it('that fails unexpectedly says only the name of the error, since its text may quote a secret', async () => {
    const rig = rigWith({ lineage: REQUEST.lineage, answer: ANSWER });
    Object.defineProperty(rig.env, 'EVERTOKEN_SECRET_A', {
      get: () => {
        throw new RangeError('canary-secret');
      },
    });
    const material = { ...REQUEST.material, clientSecret: { $workerEnv: 'EVERTOKEN_SECRET_A' } };
    const error: unknown = await rig
      .revoke({ ...REQUEST, material })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      type: 'RevocationFailedError',
      nonRetryable: false,
      details: [{ code: 'unexpected_error' }],
      cause: undefined,
    });
    expect(String(error)).not.toContain('canary-secret');
    expect(rig.logged.join()).toContain('RangeError');
    expect(rig.logged.join()).not.toContain('canary-secret');
  });

  it('is refused once the request is old, since it is a copy then', async () => {
    const rig = rigWith({ lineage: REQUEST.lineage, answer: ANSWER });
    const wantedAtMs = SCHEDULED_AT - REVOKE_REQUEST_MAX_AGE_MS - 1;
    await expect(rig.revoke({ ...REQUEST, wantedAtMs })).rejects.toMatchObject({
      nonRetryable: true,
      details: [{ code: 'attempt_too_late' }],
    });
    expect(rig.sent).toEqual([]);
  });
});

describe('what only the keeper of a credential may ask for', () => {
  const keeper = askedByKeeperOf(REQUEST);
  it.each([
    ['of another type', { ...keeper, workflowType: 'any' }],
    ['of another credential', askedByKeeperOf({ credentialId: 'acme/other' })],
    ['of no name', { workflowType: KEEPER_WORKFLOW_TYPE }],
  ])('is refused to a workflow %s', async (_what, askedBy) => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(200, {});
    await expect(rig.revoke(REQUEST, askedBy)).rejects.toMatchObject({
      type: 'ApplyRefusedError',
      nonRetryable: true,
    });
    await expect(rig.attempt({}, { askedBy })).rejects.toMatchObject({
      type: 'ApplyRefusedError',
    });
    await expect(rig.recordApplication({}, askedBy)).rejects.toMatchObject({
      type: 'ApplyRefusedError',
    });
    expect(rig.sent).toEqual([]);
    expect(rig.journal.entries.size).toBe(0);
  });
});
