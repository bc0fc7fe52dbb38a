import { describe, expect, it } from 'vitest';
import type { FailureSummary } from '../../src/contract/failures.js';
import type { KeeperState } from '../../src/contract/keeper.js';
import type { ApplyRequest } from '../../src/contract/messages.js';
import { applied } from '../../src/policy/apply.js';
import { resumed, startingState } from '../../src/policy/beginning.js';
import { SECRET_MAX_CHARS, TOKEN_FIELD_MAX_BYTES } from '../../src/policy/attempt-numbers.js';
import { mergedExtras } from '../../src/policy/extras.js';
import { FORMER_STATES_MAX } from '../../src/policy/keeper-numbers.js';
import {
  confirmed,
  refusalBy,
  stateBefore,
  unconfirmedLogins,
  withRecordedLogin,
} from '../../src/policy/unconfirmed-login.js';
import { application, NOW, spec, state, token } from '../support/keeper-fixture.js';

const REPLACED_AT = NOW - 86_400_000;
const REPLACED: FailureSummary = {
  type: 'PermanentRefreshError',
  provider: 'oauth2',
  code: 'login_replaced',
  atMs: NOW,
  action: 'apply the file with the later login',
  replacedAtMs: REPLACED_AT,
};

const INVALID: FailureSummary = { ...REPLACED, code: 'invalid_grant' };

let number = 2_000;
/** The file of another login. */
function login(name: string, request: Partial<ApplyRequest> = {}): ApplyRequest {
  number += 1;
  const fingerprints = { refreshToken: `f-${name}`, clientSecret: 'f-secret-1' };
  const material = { refreshToken: `refresh-${name}`, clientSecret: 'secret-1' };
  return { ...application({ fingerprints, material }), application: number, ...request };
}

function taken(before: KeeperState, request: ApplyRequest): KeeperState {
  const next = applied(before, request, NOW);
  if ('refused' in next) throw new Error(next.refused.message);
  return next.state;
}

/** What a new run begins with after one that has ended. */
function restarted(before: KeeperState, request: ApplyRequest): KeeperState {
  const next = resumed(before, request, NOW);
  if ('refused' in next) throw new Error(next.refused.message);
  return next.state;
}

/** What is left once the journal knows the present login for an earlier one. */
function refused(present: KeeperState): KeeperState {
  const before = stateBefore(present, REPLACED, NOW);
  if (before === undefined) throw new Error('nothing to go back to');
  return before;
}

describe('a login that the journal knows for an earlier one', () => {
  it('leaves the keeper as it was before, with its newest material, and shown as refused', () => {
    const before = state();
    const after = refused(taken(before, login('old')));
    expect(after).toEqual({
      ...before,
      earlierLogins: [{ lineage: 'f-old', replacedAtMs: REPLACED_AT }],
      lastFailure: { ...REPLACED, type: 'ApplyRefusedError' },
    });
    expect(applied(after, login('old'), NOW)).toMatchObject({
      refused: { reason: 'replaced-login' },
    });
  });

  it('vouches with its number for no settings of the login before', () => {
    const before = state();
    expect(refused(taken(before, login('old'))).application).toBe(before.application);
  });

  it('leads back to no login that the keeper did not have', () => {
    expect(stateBefore(startingState(login('old'), NOW), REPLACED, NOW)).toBeUndefined();
  });

  it('leaves a login that another failure ends where it is', () => {
    const present = taken(state(), login('new'));
    expect(stateBefore(present, { ...REPLACED, code: 'invalid_grant' }, NOW)).toBeUndefined();
  });

  it.each([
    ['stopped', undefined],
    ['failed', { ...REPLACED, code: 'invalid_grant' }],
  ] as const)('leaves a keeper %s that had ended so, with why it had', (status, lastFailure) => {
    const ended = state({ status, ...(lastFailure === undefined ? {} : { lastFailure }) });
    const next = resumed(ended, login('old'), NOW);
    if ('refused' in next) throw new Error(next.refused.message);
    const expected = lastFailure ?? { ...REPLACED, type: 'ApplyRefusedError' };
    expect(refused(next.state)).toMatchObject({ status, lastFailure: expected });
  });

  it('leaves a keeper that was terminated in doubt of the request that may have been on the way', () => {
    const next = resumed(state(), login('old'), NOW);
    if ('refused' in next) throw new Error(next.refused.message);
    expect(refused(next.state)).toMatchObject({ status: 'fresh', doubtSinceMs: NOW - 100 });
  });

  it('leaves the keeper with the journal to which it was moved meanwhile', () => {
    const moved = { ...taken(state(), login('old')), journalId: 'journal-2' };
    expect(refused(moved)).toMatchObject({ journalId: 'journal-2', movedSinceMs: NOW });
  });

  it('is not what the keeper goes back to once another one is applied', () => {
    const ended = state({ status: 'failed', lastFailure: REPLACED });
    expect(restarted(ended, login('new')).formerStates).toEqual([]);
  });

  describe('from a result of the login before', () => {
    const present = taken(state(), login('old'));
    const of = (lineage: string) => ({
      ...{ lineage, epoch: 3 },
      earlierLogins: [{ lineage: 'f-old', replacedAtMs: REPLACED_AT }],
    });

    it('is refused with when it was replaced', () => {
      expect(refusalBy(of('f-refresh-1'), present, NOW)).toMatchObject({
        code: 'login_replaced',
        replacedAtMs: REPLACED_AT,
      });
    });

    it('is not refused where an operator has returned to it, or the result is of neither login', () => {
      const returned = { ...present, returns: true as const };
      expect(refusalBy(of('f-refresh-1'), returned, NOW)).toBeUndefined();
      expect(refusalBy(of('f-another'), present, NOW)).toBeUndefined();
    });
  });
});

describe('two logins of which the journal has not been asked', () => {
  const started = startingState(login('newest'), NOW);
  const second = taken(started, login('old'));

  it('are both taken, whichever is applied last: nobody knows the later one yet', () => {
    const again = taken(second, login('newest'));
    expect(again.spec.fingerprints['refreshToken']).toBe('f-newest');
    expect(unconfirmedLogins(again)).toEqual(['f-old']);
    expect(taken(again, login('old')).spec.fingerprints['refreshToken']).toBe('f-old');
  });

  it.each([
    ['stopped', {}],
    ['failed', { lastFailure: { ...REPLACED, code: 'http_404' } }],
  ] as const)(
    'are both kept, also where the keeper had %s with the one that is applied last',
    (status, ending) => {
      const first = login('first');
      const again = { ...first, application: number + 10 };
      const present = restarted(
        { ...startingState(first, NOW), status, ...ending },
        login('second'),
      );
      expect(taken(present, again)).toMatchObject({ status: 'retrying', nextRefreshAtMs: NOW });
      const closed = { ...present, status: 'stopped' } as const;
      expect(restarted(closed, again)).toMatchObject({ status: 'retrying', nextRefreshAtMs: NOW });
    },
  );

  it('are not both kept where the provider has refused the material of the one that is applied last', () => {
    const first = login('first');
    const ended = { ...startingState(first, NOW), status: 'failed', lastFailure: INVALID } as const;
    const present = restarted(ended, login('second'));
    expect(applied(present, { ...first, application: number + 10 }, NOW)).toMatchObject({
      refused: { reason: 'refused-material' },
    });
  });

  it('are told to the journal, which may know neither, and one that it knows is not', () => {
    expect(unconfirmedLogins(second)).toEqual(['f-newest']);
    expect(unconfirmedLogins(taken(state(), login('new')))).toEqual([]);
  });

  it('are no matter of order where an operator returns to one of them: it is a later login than the other', () => {
    const back = taken(second, login('newest', { returns: true }));
    expect(back).toMatchObject({ returns: true, epoch: second.epoch + 1 });
    expect(back.earlierLogins).toEqual([{ lineage: 'f-old', replacedAtMs: NOW }]);
  });

  it('are forgotten once one of them is confirmed', () => {
    expect(confirmed(second)).not.toHaveProperty('formerStates');
    expect(unconfirmedLogins(confirmed(second))).toEqual([]);
  });

  it('are both refreshed with the journal to which the keeper was moved meanwhile', () => {
    const moved = { ...second, journalId: 'journal-2' };
    expect(taken(moved, login('newest'))).toMatchObject({ journalId: 'journal-2' });
  });

  it('are not as many as one likes, and the one that was confirmed stays', () => {
    const many = ['a', 'b', 'c', 'd', 'e'].reduce(
      (present, name) => taken(present, login(name)),
      state(),
    );
    expect(many.formerStates).toHaveLength(FORMER_STATES_MAX);
    expect(many.formerStates?.map((each) => each.spec.fingerprints['refreshToken'])).toEqual([
      'f-d',
      'f-c',
      'f-refresh-1',
    ]);
  });
});

describe('a keeper that goes on in a new run', () => {
  it('fits with its former states into a payload of Temporal, however much the answers brought', () => {
    const refreshToken = 'r'.repeat(SECRET_MAX_CHARS);
    const large = state({
      token: token({
        value: 'a'.repeat(SECRET_MAX_CHARS),
        scope: '€'.repeat(TOKEN_FIELD_MAX_BYTES / 3 - 1),
        extras: mergedExtras({}, { one: '€'.repeat(16_000), two: '€'.repeat(16_000) }),
      }),
    });
    const many = ['a', 'b', 'c', 'd'].reduce((present, name) => {
      const { material, ...request } = login(name).spec;
      return taken(
        present,
        login(name, { spec: { ...request, material: { ...material, refreshToken } } }),
      );
    }, large);
    expect(many.formerStates).toHaveLength(FORMER_STATES_MAX);
    expect(Buffer.byteLength(JSON.stringify(many))).toBeLessThan(2 * 1024 * 1024);
  });
});

describe('a login that the journal has confirmed', () => {
  it('is refused while a new one is not confirmed, and that may soon be over', () => {
    const present = taken(state(), login('new'));
    const result = applied(present, application({}, { application: 9_000 }), NOW);
    expect(result).toMatchObject({ refused: { reason: 'replaced-login', isUnconfirmed: true } });
  });

  it('is refused for good once the new one is confirmed', () => {
    const present = confirmed(taken(state(), login('new')));
    const result = applied(present, application({}, { application: 9_000 }), NOW);
    expect(result).toMatchObject({ refused: { reason: 'replaced-login' } });
    expect(result).not.toHaveProperty('refused.isUnconfirmed');
  });
});

describe('what the journal says of a login that was recorded', () => {
  const seeded = startingState(application(), NOW);
  const recorded = {
    lineage: 'f-refresh-1',
    epoch: 4,
    application: 5_000,
    earlierLogins: [{ lineage: 'f-old', replacedAtMs: REPLACED_AT }],
  };

  it('tells a keeper that was started anew which logins were before it', () => {
    const told = withRecordedLogin(seeded, recorded);
    expect(told).toMatchObject({ epoch: 4, application: 5_000 });
    expect(told).not.toHaveProperty('isLoginUnconfirmed');
    expect(applied(told, login('old', { application: 6_000 }), NOW)).toMatchObject({
      refused: { reason: 'replaced-login' },
    });
  });

  it('changes nothing where it is of another login, or nothing was said', () => {
    expect(withRecordedLogin(seeded, { ...recorded, lineage: 'another' })).toBe(seeded);
    expect(withRecordedLogin(seeded, undefined)).toBe(seeded);
    expect(seeded.spec).toEqual(spec());
  });
});
