import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/contract/credential.js';
import { classifyRefusal } from '../../../src/policy/classify.js';
import { oauth2 } from '../../../src/providers/oauth2/provider.js';
import type { WireAnswer } from '../../../src/providers/port.js';
import { answer } from '../answer.js';

const CONFIG = { clientId: 'c', tokenEndpoint: 'https://as.example/token' };

function meaning(answered: WireAnswer, config: JsonObject = CONFIG): string {
  const judged = oauth2.configure(config).judge(answered);
  if (judged.kind === 'token') return 'token';
  const facts = {
    codes: oauth2.configure(config).codes,
    spendsAccessToken: false,
    tokenHasExpired: false,
  };
  return classifyRefusal({ status: answered.status, ...judged }, facts).meaning;
}

describe('an error of a gateway or framework', () => {
  it.each([
    ['404 Not Found', 404],
    ['400 Bad Request', 400],
    ['Cannot POST /token', 400],
    ['resource_not_found', 404],
    // Salesforce: "retry your request".
    ['unknown_error', 400],
    ['rate_limited', 400],
    ['upstream_timeout', 400],
    ['invalid_json', 400],
  ])('is no refusal of the material: %s', (error, status) => {
    expect(meaning(answer(status, { error }))).toBe('unconfirmed');
  });

  it.each([
    ['upstream_timeout', 503],
    ['timeout', 200],
  ])('may hide a refresh that was made: %s with status %i', (error, status) => {
    expect(oauth2.configure(CONFIG).judge(answer(status, { error }))).toMatchObject({
      shape: 'foreign',
    });
  });
});

describe('a successful answer', () => {
  it('replaces the refresh token where it holds one', () => {
    const body = {
      access_token: 'a',
      token_type: 'bearer',
      expires_in: '3600',
      refresh_token: 'r2',
      scope: ' read write ',
    };
    expect(oauth2.configure(CONFIG).judge(answer(200, body))).toEqual({
      kind: 'token',
      value: 'a',
      tokenType: 'Bearer',
      lifetime: '3600',
      scope: 'read write',
      replacedMaterial: { refreshToken: 'r2' },
    });
  });

  it.each([
    ['GitHub', 'refresh_token_expires_in'],
    ['Intuit', 'x_refresh_token_expires_in'],
    ['Keycloak', 'refresh_expires_in'],
  ])('says how long the refresh token lives, as %s names it', (_, field) => {
    const body = { access_token: 'a', [field]: 8_726_400 };
    expect(oauth2.configure(CONFIG).judge(answer(200, body))).toMatchObject({
      materialLifetime: 8_726_400,
    });
  });

  it('leaves scope and refresh token alone where it says nothing of them', () => {
    const judged = oauth2.configure(CONFIG).judge(answer(200, { access_token: 'a', scope: '' }));
    expect(judged).toEqual({
      kind: 'token',
      value: 'a',
      tokenType: 'Bearer',
      lifetime: undefined,
      replacedMaterial: {},
    });
  });

  it.each([
    ['DPoP', 'DPoP'],
    ['BEARER', 'Bearer'],
    // Whose token it is (Slack), or which kind (Apigee, Azure DevOps): no schemes.
    ['bot', 'Bearer'],
    ['user', 'Bearer'],
    ['BearerToken', 'Bearer'],
    ['jwt-bearer', 'Bearer'],
    ['', 'Bearer'],
    [7, 'Bearer'],
    ['a b\r\nc', 'Bearer'],
  ])('has token type %j as %s', (token_type, tokenType) => {
    const body = { access_token: 'a', token_type };
    expect(oauth2.configure(CONFIG).judge(answer(200, body))).toMatchObject({ tokenType });
  });

  it('hands on the fields that its users need, and no others', () => {
    const config = { ...CONFIG, extraFields: ['instance_url', 'missing'] };
    const body = { access_token: 'a', instance_url: 'https://x.example', id: 'no' };
    expect(oauth2.configure(config).judge(answer(200, body))).toMatchObject({
      extras: { instance_url: 'https://x.example' },
    });
  });

  it.each([
    ['nested deeper than can be written down', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['larger than a keeper can carry', JSON.stringify('x'.repeat(100_000))],
  ])('keeps its token and leaves out a field that is %s', (_, field) => {
    const config = { ...CONFIG, extraFields: ['instance_url', 'odd'] };
    const text = `{"access_token":"a","instance_url":"https://x.example","odd":${field}}`;
    const judged = oauth2.configure(config).judge(answer(200, text));
    expect(judged).toMatchObject({ value: 'a', extras: { instance_url: 'https://x.example' } });
    expect(judged).not.toHaveProperty('extras.odd');
  });

  it.each([
    ['x ', 50_000],
    ['€', 30_000],
    ['\u0001', 20_000],
  ])(
    'keeps its token and leaves out a scope that is larger than a keeper can carry: %j',
    (text, count) => {
      const body = { access_token: 'a', scope: text.repeat(count) };
      const judged = oauth2.configure(CONFIG).judge(answer(200, body));
      expect(judged).toMatchObject({ kind: 'token', value: 'a' });
      expect(judged).not.toHaveProperty('scope');
    },
  );

  it('is read in form encoding where it says that it is', () => {
    const text = 'access_token=a&expires_in=60&refresh_token=r2';
    const form = answer(200, text, 'application/x-www-form-urlencoded; charset=utf-8');
    expect(oauth2.configure(CONFIG).judge(form)).toMatchObject({
      value: 'a',
      lifetime: '60',
      replacedMaterial: { refreshToken: 'r2' },
    });
    expect(oauth2.configure(CONFIG).judge(answer(200, text, 'text/html'))).toMatchObject({
      kind: 'refusal',
    });
  });

  const judgedForm = (text: string, type = 'text/plain'): unknown =>
    oauth2.configure(CONFIG).judge(answer(200, text, type));

  it('is read in form encoding where it is called plain text', () => {
    expect(judgedForm('access_token=a%2B1&expires_in=60&refresh_token=r2')).toMatchObject({
      value: 'a+1',
      lifetime: '60',
      replacedMaterial: { refreshToken: 'r2' },
    });
    expect(judgedForm('refresh_token=r2')).toMatchObject({
      kind: 'refusal',
      replacedMaterial: { refreshToken: 'r2' },
    });
  });

  it('is not read out of other plain text', () => {
    const page = 'Bad gateway: see https://x.example/?access_token=a&refresh_token=r2';
    expect(judgedForm(page.replace('&', ' and '))).toEqual({ kind: 'refusal', shape: 'foreign' });
    expect(judgedForm('upstream error = invalid_grant')).toEqual({
      kind: 'refusal',
      shape: 'foreign',
    });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded'])(
    'takes no field of a form in %s that comes twice',
    (type) => {
      expect(judgedForm('access_token=a&access_token=b&refresh_token=r2', type)).toMatchObject({
        kind: 'refusal',
        replacedMaterial: { refreshToken: 'r2' },
      });
      expect(judgedForm('access_token=a&refresh_token=r2&refresh_token=r3', type)).toMatchObject({
        value: 'a',
        replacedMaterial: {},
        isReplacementLost: true,
      });
      expect(judgedForm('error=invalid_grant&error=invalid_grant', type)).toEqual({
        kind: 'refusal',
        shape: 'foreign',
      });
    },
  );

  it('counts its lifetime in the configured unit', () => {
    expect(oauth2.configure(CONFIG).lifetimeUnit).toBe('seconds');
    expect(oauth2.configure({ ...CONFIG, lifetimeUnit: 'milliseconds' }).lifetimeUnit).toBe(
      'milliseconds',
    );
  });
});

describe('a refusal', () => {
  it.each<[string, number, JsonObject, string]>([
    ['a dead grant (RFC 6749)', 400, { error: 'invalid_grant' }, 'permanent'],
    ['a dead grant under 403 (Atlassian)', 403, { error: 'invalid_grant' }, 'permanent'],
    ['a dead token under 200 (GitHub)', 200, { error: 'bad_refresh_token' }, 'permanent'],
    [
      'a dead token under 200 (Slack)',
      200,
      { ok: false, error: 'invalid_refresh_token' },
      'permanent',
    ],
    ['a dead token under 401 (Zoho)', 401, { error: 'invalid_code' }, 'permanent'],
    ['a dead token that is called a bad request', 400, { error: 'invalid_request' }, 'permanent'],
    ['a scope that is not granted any more', 400, { error: 'invalid_scope' }, 'permanent'],
    [
      'a rate limit under 403 (Google)',
      403,
      { error: { code: 403, errors: [{ reason: 'rateLimitExceeded' }] } },
      'retry',
    ],
    ['a throttle under 400 (Zoho)', 400, { error: 'Access Denied', status: 'failure' }, 'retry'],
    ['a bad moment under 400', 400, { error: 'temporarily_unavailable' }, 'retry'],
    ['a bad moment under 400 (Google)', 400, { error: 'internal_failure' }, 'retry'],
    ['a dead grant under 502', 502, { error: 'invalid_grant' }, 'retry'],
    ['a rejected client', 401, { error: 'invalid_client' }, 'client-rejected'],
    [
      'a rejected client under 200 (GitHub)',
      200,
      { error: 'incorrect_client_credentials' },
      'client-rejected',
    ],
    [
      'a rejected client under 200 (Slack)',
      200,
      { ok: false, error: 'bad_client_secret' },
      'client-rejected',
    ],
    ['an unknown client (Salesforce)', 400, { error: 'invalid_client_id' }, 'client-rejected'],
    [
      'a login that somebody must repeat (Entra)',
      400,
      { error: 'interaction_required' },
      'permanent',
    ],
    ['a consent that was withdrawn (Entra)', 400, { error: 'consent_required' }, 'permanent'],
    [
      'a dead token that is named in the status (HubSpot)',
      400,
      { status: 'BAD_REFRESH_TOKEN', message: 'missing or unknown refresh token' },
      'permanent',
    ],
    ['a status that is no code', 400, { status: 'error', message: 'no' }, 'unconfirmed'],
    ['an error that nobody knows under 400', 400, { error: 'teapot' }, 'unconfirmed'],
    ['an error that nobody knows under 403', 403, { error: 'teapot' }, 'retry'],
    ['a 400 of somebody else', 400, { message: 'no' }, 'unconfirmed'],
    ['no token', 200, { ok: true }, 'retry'],
  ])('means what its provider says: %s', (_, status, body, expected) => {
    expect(meaning(answer(status, body))).toBe(expected);
  });

  it('wins over a token in the same answer', () => {
    const body = { access_token: 'a', error: 'invalid_grant' };
    expect(oauth2.configure(CONFIG).judge(answer(200, body))).toMatchObject({ kind: 'refusal' });
  });

  it('means what the configuration says before what is known', () => {
    const config = {
      ...CONFIG,
      permanentCodes: ['Access Denied', 'teapot'],
      transientCodes: ['invalid_grant'],
    };
    expect(meaning(answer(400, { error: 'Access Denied' }), config)).toBe('permanent');
    expect(meaning(answer(403, { error: 'teapot' }), config)).toBe('permanent');
    expect(meaning(answer(400, { error: 'invalid_grant' }), config)).toBe('retry');
  });

  it('means what the configuration says also where RFC 6749 means otherwise (Exact Online)', () => {
    const spent = answer(401, { error: 'unauthorized_client', error_description: 'Old token' });
    expect(meaning(spent)).toBe('client-rejected');
    expect(meaning(spent, { ...CONFIG, permanentCodes: ['unauthorized_client'] })).toBe(
      'permanent',
    );
    const slow = answer(400, { error: 'slow_down' });
    expect(meaning(slow, { ...CONFIG, permanentCodes: ['slow_down'] })).toBe('permanent');
  });
});

describe('the configuration', () => {
  it('needs an issuer or a token endpoint', () => {
    const error = oauth2.configSchema.safeParse({ clientId: 'c' }).error;
    expect(error?.issues).toMatchObject([{ path: ['tokenEndpoint'] }]);
    expect(oauth2.configSchema.safeParse({ clientId: 'c', issuer: 'https://x' }).success).toBe(
      true,
    );
  });

  it.each(['http://as.example', 'https://u:p@as.example', 'https://as.example#x', 'as.example'])(
    'refuses %s as token endpoint',
    (tokenEndpoint) => {
      expect(oauth2.configSchema.safeParse({ ...CONFIG, tokenEndpoint }).success).toBe(false);
    },
  );

  it.each(['client_secret', 'refresh_token', 'grant_type', 'scope'])(
    'refuses %s among further parameters',
    (name) => {
      const config = { ...CONFIG, extraParameters: { [name]: 'x' } };
      expect(oauth2.configSchema.safeParse(config).success).toBe(false);
    },
  );
});
