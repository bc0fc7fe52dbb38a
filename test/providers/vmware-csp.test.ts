import { describe, expect, it } from 'vitest';
import { classifyRefusal } from '../../src/policy/classify.js';
import { vmwareCsp } from '../../src/providers/vmware-csp.js';
import { answer, noLookUp, wallNow } from './answer.js';

const ADDRESS = 'https://console.cloud.vmware.com/csp/gateway/am/api/auth/api-tokens/authorize';
const MATERIAL = { apiToken: 'Xk2m+Q0=' };

describe('VMware CSP', () => {
  it('sends the API token as a form', async () => {
    expect(await vmwareCsp.configure({}).prepare(MATERIAL, noLookUp, wallNow)).toEqual({
      method: 'POST',
      url: ADDRESS,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'api_token=Xk2m%2BQ0%3D',
    });
  });

  it('takes no passcode: it works once, and could not keep a credential', () => {
    const material = { ...MATERIAL, passcode: '123456' };
    expect(vmwareCsp.materialSchema.safeParse(material).success).toBe(false);
  });

  it('uses the deprecated names only where they are configured', async () => {
    const inBody = await vmwareCsp
      .configure({ tokenParameter: 'refresh_token' })
      .prepare(MATERIAL, noLookUp, wallNow);
    expect(inBody).toMatchObject({ url: ADDRESS, body: 'refresh_token=Xk2m%2BQ0%3D' });
    const inQuery = await vmwareCsp
      .configure({ tokenParameter: 'refresh_token_in_query' })
      .prepare(MATERIAL, noLookUp, wallNow);
    expect(inQuery).toMatchObject({
      url: `${ADDRESS}?refresh_token=Xk2m%2BQ0%3D`,
      body: '',
    });
  });

  it('never puts the returned refresh token in the place of the API token', () => {
    const body = {
      id_token: 'i',
      token_type: 'bearer',
      expires_in: 1799,
      scope: 'ALL_PERMISSIONS openid',
      access_token: 'a',
      refresh_token: 'another',
    };
    expect(vmwareCsp.configure({}).judge(answer(200, body))).toEqual({
      kind: 'token',
      value: 'a',
      tokenType: 'Bearer',
      lifetime: 1799,
      scope: 'ALL_PERMISSIONS openid',
      replacedMaterial: {},
    });
    expect(vmwareCsp.configure({}).rotates).toBe(false);
  });

  it('finds the code before the echoed token, and nothing of the token', () => {
    const body = { moduleCode: 340, message: 'invalid_grant: Invalid refresh token: Xk2mQ0' };
    const judged = vmwareCsp.configure({}).judge(answer(400, body));
    expect(judged).toEqual({ kind: 'refusal', shape: 'documented', code: 'invalid_grant' });
  });

  it.each(['Xk2mQ0', 'Xk2mQ0: x', 'Invalid grant: x', ': x', ''])(
    'finds no code in %j',
    (message) => {
      const judged = vmwareCsp.configure({}).judge(answer(400, { moduleCode: 340, message }));
      expect(judged).toEqual({ kind: 'refusal', shape: 'documented' });
    },
  );

  it('believes a dead API token under any refusing status', () => {
    const body = { moduleCode: 340, message: 'invalid_grant: x' };
    const facts = {
      codes: vmwareCsp.configure({}).codes,
      spendsAccessToken: false,
      tokenHasExpired: false,
    };
    for (const status of [400, 401, 403]) {
      const judged = vmwareCsp.configure({}).judge(answer(status, body));
      if (judged.kind === 'token') throw new Error('a token');
      expect(classifyRefusal({ status, ...judged }, facts).meaning).toBe('permanent');
    }
  });
});
