import { describe, expect, it } from 'vitest';
import type { FailureType } from '../../src/contract/failures.js';
import { operatorAction } from '../../src/policy/operator-action.js';
import { UNSPENT_ENDINGS } from '../../src/policy/refused-material.js';

function advice(type: FailureType, code: string, httpStatus?: number): string {
  return operatorAction({ type, code, ...(httpStatus === undefined ? {} : { httpStatus }) }, 'a');
}

const APPLY = 'evertoken apply -f FILE';
const REAUTHORIZE = 'evertoken reauthorize a -f FILE';
const RETURN = 'evertoken apply --return-to-earlier-login -f FILE';

/** The command that each ending leads to. */
const AFTER_THE_END: Readonly<Record<string, string>> = {
  http_400: APPLY,
  http_401: APPLY,
  http_403: APPLY,
  http_404: APPLY,
  invalid_request: APPLY,
  invalid_scope: APPLY,
  invalid_target: APPLY,
  unsupported_grant_type: APPLY,
  settings_replaced: APPLY,
  login_replaced: RETURN,
  login_forgotten: REAUTHORIZE,
  invalid_grant: REAUTHORIZE,
  bad_refresh_token: REAUTHORIZE,
  beyond_renewal: REAUTHORIZE,
  outcome_unknown: REAUTHORIZE,
};

describe('the advice for a permanent failure', () => {
  it.each(Object.entries(AFTER_THE_END))('of code %s ends with: %s', (code, command) => {
    expect(advice('PermanentRefreshError', code)).toMatch(new RegExp(`: ${command}$`));
  });

  it('is known for every ending that says nothing of the material', () => {
    expect(UNSPENT_ENDINGS.filter((code) => !(code in AFTER_THE_END))).toEqual([]);
  });

  it.each(['http_404', 'invalid_scope'])(
    'of code %s does not call the material refused, since the address or the configuration may be wrong',
    (code) => {
      const words = advice('PermanentRefreshError', code);
      expect(words).toContain('correct the address or the configuration');
      expect(words).not.toMatch(/refuses this material|revoked|spent/);
    },
  );
});

describe('the advice for a token that renews only itself and is refused', () => {
  it('does not say that it expired, since nobody may know how long it lives, and the config may be wrong', () => {
    const words = advice('PermanentRefreshError', 'beyond_renewal', 401);
    expect(words).toContain('has expired or is refused');
    expect(words).toContain('correct the config');
    expect(words).not.toContain('expired before it was renewed');
  });
});

describe('the advice for a failure that is tried again', () => {
  it.each([
    ['look_up_failed', undefined, /if it lasts, check the issuer and discovery/],
    ['http_301', 301, /redirects, which are not followed; correct it in the config/],
    ['http_308', 308, /redirects, which are not followed; correct it in the config/],
    ['http_401', 401, /if it lasts, check the client and the login/],
    ['http_403', 403, /if it lasts, check the client and the login/],
    // Abitmedia’s body repeats the status.
    ['401', 401, /if it lasts, check the client and the login/],
    ['temporarily_unavailable', 403, /the provider’s status page/],
    ['http_503', 503, /the provider’s status page/],
    ['not_connected', undefined, /the provider’s status page/],
    ['no_token_in_answer', 200, /the provider’s status page/],
    ['unexpected_error', undefined, /if it lasts, look at the worker’s log/],
    ['attempt_too_late', undefined, /if it lasts, the worker or its journal is too slow/],
    ['attempt_undecided', undefined, /if it lasts, look at the worker’s log/],
  ])('of code %s with status %j looks where the cause may be', (code, status, words) => {
    const action = advice('TransientRefreshError', code, status);
    expect(action).toMatch(words);
    expect(action).toMatch(/^nothing: it is tried again; if it lasts, /);
  });

  it.each([
    ['http_400', 400, /check the address in the config if this goes on$/],
    ['http_404', 404, /check the address in the config if this goes on$/],
    [
      'http_401',
      401,
      /or the token may have expired; check the address in the config and the token/,
    ],
    [
      'http_403',
      403,
      /or the token may have expired; check the address in the config and the token/,
    ],
  ])('of unconfirmed code %s names what else the answer may mean', (code, status, words) => {
    expect(advice('UnconfirmedRefreshError', code, status)).toMatch(words);
  });

  it('names the address, and not a lack of the worker, where nothing may be sent to that', () => {
    const action = advice('WorkerMisconfiguredError', 'destination_refused');
    expect(action).toMatch(/allow its host on the worker, or apply a file with another address/);
    expect(advice('WorkerMisconfiguredError', 'missing_secret')).toContain('the worker lacks');
  });
});
