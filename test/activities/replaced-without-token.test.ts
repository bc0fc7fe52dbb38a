import { describe, expect, it } from 'vitest';
import type { WireAnswer } from '../../src/providers/port.js';
import {
  abitmediaTokens,
  answerOf,
  journalEntry,
  LOGIN,
  OAUTH2,
  RefreshRig,
  SCHEDULED_AT,
} from '../support/refresh-rig.js';
import { fingerprintOf } from '../../src/providers/fingerprint.js';

/** A success that replaces the refresh token and brings no access token. */
const tokenless = (refreshToken: string): WireAnswer =>
  answerOf(200, { token_type: 'Bearer', refresh_token: refreshToken });

const tokens = (generation: number, more: object = {}): WireAnswer =>
  answerOf(200, { access_token: `access-${generation}`, expires_in: 3600, ...more });

/** Attempts of one refresh, a minute apart, and the refresh tokens that they spent. */
async function spentInTurn(
  rig: RefreshRig,
  answers: readonly WireAnswer[],
): Promise<(string | null)[]> {
  for (const [index, answer] of answers.entries()) {
    rig.answer = () => answer;
    const info = { attempt: index + 1, scheduledAt: SCHEDULED_AT + index * 60_000 };
    await rig.attempt(OAUTH2, info).catch(() => undefined);
  }
  return rig.sent.map(({ body }) => new URLSearchParams(body).get('refresh_token'));
}

describe('a success without a usable access token', () => {
  it.each([
    ['lacks it, as where only an ID token was asked for', { id_token: 'a.b.c' }],
    ['has a line break in it', { access_token: 'access\n6' }],
    ['has it as an object', { access_token: { value: 'access-6' } }],
  ])('does not take the rotated refresh token with it, where it %s', async (_what, fields) => {
    const answer = answerOf(200, { token_type: 'Bearer', refresh_token: 'refresh-6', ...fields });
    const rig = new RefreshRig();
    expect(await spentInTurn(rig, [answer, tokens(6)])).toEqual(['refresh-5', 'refresh-6']);
  });

  it('does not at Abitmedia either', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(200, { success: true, refreshToken: 'refresh-6' });
    await rig.failure();
    rig.answer = () => abitmediaTokens(6);
    await rig.attempt({}, { attempt: 2, scheduledAt: SCHEDULED_AT + 60_000 });
    expect(rig.sent.map(({ body }) => JSON.parse(body ?? '') as unknown)).toEqual([
      { refreshToken: 'refresh-5' },
      { refreshToken: 'refresh-6' },
    ]);
  });

  it('is followed by the newest refresh token however often it comes in a row', async () => {
    const rig = new RefreshRig();
    const answers = [tokenless('refresh-6'), tokenless('refresh-7'), tokens(6)];
    expect(await spentInTurn(rig, answers)).toEqual(['refresh-5', 'refresh-6', 'refresh-7']);
  });

  it('leaves what a later answer does not replace, so that the keeper gets it with the token', async () => {
    const rig = new RefreshRig();
    await spentInTurn(rig, [tokenless('refresh-6')]);
    rig.answer = () => tokens(6);
    const result = await rig.attempt(OAUTH2, { attempt: 2, scheduledAt: SCHEDULED_AT + 60_000 });
    expect(result.replacedMaterial).toEqual({ refreshToken: 'refresh-6' });
    expect(rig.journal.entries.get('acme/shop')).not.toHaveProperty('successor');
  });

  it('leaves no doubt of what it has replaced: a refusal of the new one is what it says', async () => {
    const rig = new RefreshRig();
    await spentInTurn(rig, [tokenless('refresh-6')]);
    rig.answer = () => answerOf(400, { error: 'invalid_grant' });
    const failure = await rig.failure(OAUTH2, { attempt: 2, scheduledAt: SCHEDULED_AT + 60_000 });
    expect(failure.details[0]).toMatchObject({ code: 'invalid_grant' });
  });

  it('leaves a doubt, as ever, where it replaces nothing', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(200, { token_type: 'Bearer' });
    expect((await rig.failure(OAUTH2)).details[0]).toHaveProperty('doubtSinceMs');
    rig.answer = () => tokenless('refresh-5');
    await rig.failure(OAUTH2, { attempt: 2, scheduledAt: SCHEDULED_AT + 60_000 });
    expect(rig.journal.entries.get('acme/shop')).not.toHaveProperty('successor');
  });

  it('does not lose it either when it comes after another attempt has begun', async () => {
    const rig = new RefreshRig();
    rig.answer = () => {
      const open = rig.journal.entries.get('acme/shop') ?? journalEntry();
      rig.journal.entries.set('acme/shop', {
        ...open,
        intent: {
          id: 'later',
          fingerprint: LOGIN,
          atMs: SCHEDULED_AT + 30_000,
          attemptAgeMs: 0,
        },
      });
      return tokenless('refresh-6');
    };
    await rig.failure(OAUTH2);
    expect(rig.journal.entries.get('acme/shop')).toMatchObject({
      intent: { id: 'later' },
      successor: { of: LOGIN, replacedMaterial: { refreshToken: 'refresh-6' } },
    });
  });

  it('takes the place of no newer one, which a later attempt has brought for the same refresh token meanwhile', async () => {
    const rig = new RefreshRig();
    await spentInTurn(rig, [tokenless('refresh-6')]);
    const newest = { of: LOGIN, replacedMaterial: { refreshToken: 'refresh-8' } };
    rig.answer = () => {
      const { intent: _over, ...entry } = rig.journal.entries.get('acme/shop') ?? journalEntry();
      rig.journal.entries.set('acme/shop', { ...entry, successor: newest });
      return tokenless('refresh-7');
    };
    await rig.failure(OAUTH2, { attempt: 2, scheduledAt: SCHEDULED_AT + 60_000 });
    expect(rig.journal.entries.get('acme/shop')).toMatchObject({ successor: newest });
  });

  it('is remembered with its login, so that an operator who returns to that spends the newest', async () => {
    const rig = new RefreshRig();
    await spentInTurn(rig, [tokenless('refresh-6')]);
    const another = {
      ...OAUTH2,
      material: { refreshToken: 'another-1' },
      lineage: fingerprintOf('another-1'),
      epoch: 2,
      application: 2_000,
      earlierLogins: [{ lineage: LOGIN, replacedAtMs: SCHEDULED_AT + 1_000 }],
    };
    rig.answer = () => tokens(6, { refresh_token: 'another-2' });
    await rig.attempt(another, { scheduledAt: SCHEDULED_AT + 60_000 });
    rig.answer = () => tokens(7);
    await rig.attempt(
      { ...OAUTH2, epoch: 3, application: 3_000, returns: true, generation: 6 },
      { scheduledAt: SCHEDULED_AT + 120_000 },
    );
    const last = new URLSearchParams(rig.sent.at(-1)?.body);
    expect(last.get('refresh_token')).toBe('refresh-6');
  });

  it('is followed by a revocation of the newest refresh token', async () => {
    const rig = new RefreshRig();
    await spentInTurn(rig, [tokenless('refresh-6')]);
    rig.answer = () => answerOf(200, '');
    await rig.revoke({
      credentialId: 'acme/shop',
      provider: OAUTH2.provider,
      config: { ...OAUTH2.config, revocationEndpoint: 'https://login.example/revoke' },
      material: { refreshToken: 'refresh-5' },
      lineage: LOGIN,
      generation: 5,
      application: 1_000,
      wantedAtMs: SCHEDULED_AT,
    });
    expect(new URLSearchParams(rig.sent.at(-1)?.body).get('token')).toBe('refresh-6');
  });

  it('is nothing of an error, whatever tokens that holds', async () => {
    const rig = new RefreshRig();
    rig.answer = () => answerOf(400, { error: 'invalid_grant', refresh_token: 'refresh-6' });
    await rig.failure(OAUTH2);
    expect(rig.journal.entries.get('acme/shop')).not.toHaveProperty('successor');
  });
});
