import { describe, expect, it } from 'vitest';
import { klavi } from '../../src/providers/klavi.js';
import { answer, noLookUp, wallNow } from './answer.js';

describe('Klavi', () => {
  it.each([
    [{}, 'https://api.klavi.ai/monitor/v1/refresh'],
    [
      { baseUrl: 'https://api-sandbox.klavi.ai' },
      'https://api-sandbox.klavi.ai/monitor/v1/refresh',
    ],
    [{ api: 'data' }, 'https://api.klavi.ai/data/v1/refresh'],
  ])('asks by a GET without body, configured as %j', async (config, url) => {
    expect(
      await klavi.configure(config).prepare({ accessToken: 'eyJ.a.b' }, noLookUp, wallNow),
    ).toEqual({
      method: 'GET',
      url,
      headers: { authorization: 'Bearer eyJ.a.b', accept: 'application/json' },
    });
  });

  it.each([1800, '1800'])('hands over expireIn as it came: %j', (expireIn) => {
    expect(klavi.configure({}).judge(answer(200, { accessToken: 'n', expireIn }))).toEqual({
      kind: 'token',
      value: 'n',
      tokenType: 'Bearer',
      lifetime: expireIn,
      replacedMaterial: { accessToken: 'n' },
    });
  });

  it('does not take expiresIn for its lifetime', () => {
    const judged = klavi.configure({}).judge(answer(200, { accessToken: 'n', expiresIn: 9 }));
    expect(judged).toMatchObject({ kind: 'token', lifetime: undefined });
  });

  it('knows its own error, whose code is named only where the status does not say it', () => {
    const unauthorized = { statusCode: 401, error: 'Unauthorized', message: 'Unauthorized' };
    expect(klavi.configure({}).judge(answer(401, unauthorized))).toEqual({
      kind: 'refusal',
      shape: 'documented',
    });
    const business = { statusCode: 4001, error: 'Business Error', message: 'x' };
    expect(klavi.configure({}).judge(answer(416, business))).toEqual({
      kind: 'refusal',
      shape: 'documented',
      code: '4001',
    });
  });

  it('takes other JSON for foreign', () => {
    expect(klavi.configure({}).judge(answer(401, { message: 'no' }))).toMatchObject({
      shape: 'foreign',
    });
  });
});
