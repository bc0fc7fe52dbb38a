import { describe, expect, it } from 'vitest';
import { classifyRefusal } from '../../src/policy/classify.js';
import { abitmedia } from '../../src/providers/abitmedia.js';
import { answer, noLookUp, wallNow } from './answer.js';

const MATERIAL = { refreshToken: 'eyJ.r+1/=&.sig' };

const GRANTED = {
  success: true,
  status: 200,
  message: 'Token de refresco exitoso',
  accessToken: 'a2',
  refreshToken: 'r2',
  expiresIn: 3600,
};

function refused(status: number, message: string): object {
  return { success: false, status, message };
}

function meaning(httpStatus: number, body: object): string {
  const judged = abitmedia.configure({}).judge(answer(httpStatus, body));
  if (judged.kind === 'token') return 'token';
  const facts = {
    codes: abitmedia.configure({}).codes,
    spendsAccessToken: false,
    tokenHasExpired: true,
  };
  return classifyRefusal({ status: httpStatus, ...judged }, facts).meaning;
}

describe('Abitmedia', () => {
  it('sends the refresh token as JSON', async () => {
    expect(await abitmedia.configure({}).prepare(MATERIAL, noLookUp, wallNow)).toEqual({
      method: 'POST',
      url: 'https://id.abitmedia.app/v1/refreshToken',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(MATERIAL),
    });
  });

  it('sends it as a form where that is configured', async () => {
    const request = await abitmedia
      .configure({ encoding: 'form' })
      .prepare(MATERIAL, noLookUp, wallNow);
    expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(request.body).toBe('refreshToken=eyJ.r%2B1%2F%3D%26.sig');
  });

  it('reads both tokens', () => {
    expect(abitmedia.configure({}).judge(answer(200, GRANTED))).toEqual({
      kind: 'token',
      value: 'a2',
      tokenType: 'Bearer',
      lifetime: 3600,
      replacedMaterial: { refreshToken: 'r2' },
    });
  });

  it('takes success:false for a refusal, also under status 200 and beside tokens', () => {
    expect(abitmedia.configure({}).judge(answer(200, { ...GRANTED, success: false })).kind).toBe(
      'refusal',
    );
  });

  it('takes a dead refresh token for permanent, in whatever words and under whichever status', () => {
    const message = 'Token de refresco inválido o expirado';
    expect(meaning(400, refused(400, message))).toBe('permanent');
    expect(meaning(400, refused(400, 'Invalid or expired refresh token'))).toBe('permanent');
    expect(meaning(200, refused(400, message))).toBe('permanent');
  });

  it.each([429, 500, 503])('tries again where the body says %i', (status) => {
    expect(meaning(200, refused(status, 'x'))).toBe('retry');
    expect(meaning(400, refused(status, 'x'))).toBe('retry');
  });

  it('believes no 400 in another shape', () => {
    expect(meaning(400, { error: 'invalid_grant' })).toBe('unconfirmed');
    expect(meaning(400, { success: false, status: '400', message: 'x' })).toBe('unconfirmed');
  });

  it('refuses an expiry that belongs to no token', () => {
    const material = { ...MATERIAL, expiresAt: '2026-11-20T21:00:00Z' };
    expect(abitmedia.materialSchema.safeParse(material).success).toBe(false);
    const whole = { ...material, accessToken: 'a1' };
    expect(abitmedia.materialSchema.safeParse(whole).success).toBe(true);
  });
});
