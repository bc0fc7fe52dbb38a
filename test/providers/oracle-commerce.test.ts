import { describe, expect, it } from 'vitest';
import { oracleCommerce } from '../../src/providers/oracle-commerce.js';
import { answer, noLookUp, wallNow } from './answer.js';

const CONFIG = { baseUrl: 'https://ccstore-z00a.oracleoutsourcing.com' };
const MATERIAL = { accessToken: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0=.c2ln+/=' };

describe('Oracle Commerce', () => {
  it.each([
    [{}, '/ccstore/v1/refresh'],
    [{ api: 'admin' }, '/ccadmin/v1/refresh'],
    [{ api: 'agent' }, '/ccagent/v1/refresh'],
    [{ userInterface: true }, '/ccstoreui/v1/refresh'],
    [{ api: 'admin', userInterface: true }, '/ccadminui/v1/refresh'],
    [{ api: 'agent', userInterface: true }, '/ccagentui/v1/refresh'],
  ])('asks with the token as bearer and an empty object, configured as %j', async (more, path) => {
    expect(
      await oracleCommerce.configure({ ...CONFIG, ...more }).prepare(MATERIAL, noLookUp, wallNow),
    ).toEqual({
      method: 'POST',
      url: `${CONFIG.baseUrl}${path}`,
      headers: {
        authorization: `Bearer ${MATERIAL.accessToken}`,
        'content-type': 'application/json',
      },
      body: '{}',
    });
  });

  it('has no base address of its own', () => {
    expect(oracleCommerce.configSchema.safeParse({}).error?.message).toContain('baseUrl');
  });

  it.each([
    [{ expires_in: 930 }, 930],
    [{}, undefined],
  ])('reads an answer whose lifetime is %j', (lifetime, expected) => {
    const body = { access_token: 'e.y=.c+/=', token_type: 'bearer', ...lifetime };
    expect(oracleCommerce.configure(CONFIG).judge(answer(200, body))).toEqual({
      kind: 'token',
      value: 'e.y=.c+/=',
      tokenType: 'Bearer',
      lifetime: expected,
      replacedMaterial: { accessToken: 'e.y=.c+/=' },
    });
  });

  it('knows the single and the multiple form of its errors', () => {
    const single = { message: 'localizado', status: '401', errorCode: '82001' };
    expect(oracleCommerce.configure(CONFIG).judge(answer(401, single))).toEqual({
      kind: 'refusal',
      shape: 'documented',
      code: '82001',
    });
    const multiple = { message: 'x', errors: [single], status: '400', 'o:errorPath': 'p' };
    expect(oracleCommerce.configure(CONFIG).judge(answer(400, multiple))).toEqual({
      kind: 'refusal',
      shape: 'documented',
    });
  });

  it('reads status and code as text, as on its page, and as numbers, as servers answer too', () => {
    for (const [status, errorCode] of [
      ['401', '82001'],
      [401, 82001],
      [401, '82001'],
    ]) {
      const body = { message: 'x', status, errorCode };
      expect(oracleCommerce.configure(CONFIG).judge(answer(401, body))).toEqual({
        kind: 'refusal',
        shape: 'documented',
        code: '82001',
      });
    }
  });

  it('leaves the old token alive unless configured otherwise', () => {
    expect(oracleCommerce.configure(CONFIG).rotates).toBe(false);
    expect(oracleCommerce.configure({ ...CONFIG, rotates: true }).rotates).toBe(true);
  });
});
