import { inspect } from 'node:util';
import { defaultPayloadConverter } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Token } from '../../src/contract/credential.js';
import { FAILURE_CODES, FAILURE_TYPES } from '../../src/contract/failures.js';
import type { RefreshRequest, RefreshResult } from '../../src/contract/refresh-activity.js';
import { STANDARD_CODES } from '../../src/policy/classify.js';
import { LIFETIME_UNITS } from '../../src/policy/lifetime.js';
import {
  LIFETIME_MAX_MS,
  HTTP_DEADLINE_MS,
  IN_DOUBT_GRACE_MS,
  RETRY_AFTER_JITTER_MAX_MS,
  RETRY_AFTER_MAX_MS,
  RETRY_MAX_AFTER_EXPIRY_MS,
  RETRY_MAX_WHILE_VALID_MS,
} from '../../src/policy/attempt-numbers.js';
import { builtInProviders } from '../../src/providers/index.js';
import type { Provider, WireAnswer } from '../../src/providers/port.js';
import { isSecretText } from '../../src/providers/wire/secret-text.js';
import { createMarker, formsFound } from '../support/marker.js';
import {
  journalEntry,
  RefreshRig,
  SCHEDULED_AT,
  type CrossedFailure,
} from '../support/refresh-rig.js';
import { hostileAnswer } from './arbitrary-answers.js';
import { holds, PROPERTY_TIMEOUT_MS } from './cases.js';
import { documentedProviders } from './documented-bodies.js';

const SECRET = createMarker();
const documented = documentedProviders(SECRET);
/** Half of the largest payload that Temporal's server takes, since a keeper carries more than its token. */
const PAYLOAD_MAX_BYTES = 1024 * 1024;
const OUR_CODES = FAILURE_CODES.filter((code) => code !== 'unexpected_error');

type Outcome = { readonly result: RefreshResult } | { readonly failure: CrossedFailure };

async function outcomeOf(rig: RefreshRig, request: Partial<RefreshRequest>): Promise<Outcome> {
  return rig.attempt(request).then(
    (result) => ({ result }),
    (failure: unknown) => ({ failure: failure as CrossedFailure }),
  );
}

describe.each(builtInProviders.map((provider) => ({ provider, name: provider.name })))(
  'any answer of $name',
  ({ provider, name }) => {
    const credential = documented[name];
    if (credential === undefined) throw new Error(`no documented bodies [provider=${name}]`);

    it(
      'ends in a usable token or in a decided failure, tells no secret and leaves no request open',
      async () => {
        await holds(
          fc.asyncProperty(
            hostileAnswer(credential, SECRET),
            fc.constantFrom(...LIFETIME_UNITS),
            fc.boolean(),
            async (answer, lifetimeUnit, tokenIsValid) => {
              const config = { ...credential.config, ...(name === 'oauth2' && { lifetimeUnit }) };
              const rig = new RefreshRig();
              rig.answer = () => answer;
              const outcome = await outcomeOf(rig, {
                provider: name,
                config,
                material: credential.material,
                currentToken: currentToken(tokenIsValid),
              });

              expect(rig.sent).toHaveLength(1);
              if ('result' in outcome) expectUsable(outcome.result, provider, credential.material);
              else expectDecided(outcome.failure, provider, config, answer, tokenIsValid);
              expectSettled(rig, outcome);
              expectDiscreet(rig, outcome);
            },
          ),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );
  },
);

function currentToken(isValid: boolean): Token {
  return {
    value: `current-${SECRET}`,
    tokenType: 'Bearer',
    issuedAtMs: SCHEDULED_AT - 1_000_000,
    expiresAtMs: SCHEDULED_AT + (isValid ? 300_000 : -1),
  };
}

/** A token that a header can carry, with times that timers can, in a payload that Temporal can. */
function expectUsable(
  result: RefreshResult,
  provider: Provider,
  material: Readonly<Record<string, string>>,
): void {
  const { token, replacedMaterial } = result;
  expect(result).toMatchObject({ epoch: 1, generation: 6 });
  expect(isSecretText(token.value)).toBe(true);
  expect(token.tokenType).toMatch(/^[!-~]{1,64}$/);
  expect(Number.isSafeInteger(token.issuedAtMs) && Number.isSafeInteger(token.expiresAtMs)).toBe(
    true,
  );
  expect(token.expiresAtMs).toBeGreaterThan(token.issuedAtMs);
  expect(token.expiresAtMs - token.issuedAtMs).toBeLessThanOrEqual(LIFETIME_MAX_MS);
  const materialLifeMs = (token.materialExpiresAtMs ?? token.expiresAtMs) - token.issuedAtMs;
  expect(Number.isSafeInteger(materialLifeMs)).toBe(true);
  expect(materialLifeMs).toBeGreaterThan(0);
  expect(materialLifeMs).toBeLessThanOrEqual(LIFETIME_MAX_MS);
  const next = provider.materialSchema.safeParse({ ...material, ...replacedMaterial });
  expect(next.success).toBe(true);
  const { data } = defaultPayloadConverter.toPayload(result);
  expect(data?.length).toBeLessThan(PAYLOAD_MAX_BYTES);
}

function expectDecided(
  failure: CrossedFailure,
  provider: Provider,
  config: RefreshRequest['config'],
  { status, headers }: WireAnswer,
  tokenIsValid: boolean,
): void {
  expect(FAILURE_TYPES).toContain(failure.type);
  expect(failure.cause).toBeUndefined();
  const [details] = failure.details;
  expect(details.httpStatus).toBe(status);
  const reviewed = [provider.configure(config).codes, STANDARD_CODES].flatMap((codes) => [
    ...codes.permanent,
    ...codes.transient,
    ...codes.clientRejected,
  ]);
  const known = [...reviewed, ...OUR_CODES, `http_${status}`];
  expect(known.includes(details.code) || /^\d{1,8}$/.test(details.code)).toBe(true);
  if (failure.nonRetryable) return expect(failure.nextRetryDelay).toBeUndefined();
  const ownMax = tokenIsValid ? RETRY_MAX_WHILE_VALID_MS : RETRY_MAX_AFTER_EXPIRY_MS;
  const maxMs =
    headers['retry-after'] === undefined ? ownMax : RETRY_AFTER_MAX_MS + RETRY_AFTER_JITTER_MAX_MS;
  expect(failure.nextRetryDelay).toBeGreaterThan(0);
  expect(failure.nextRetryDelay).toBeLessThanOrEqual(maxMs);
}

/** Longest time for which a request counts as open after its attempt. */
const OPEN_MAX_MS = HTTP_DEADLINE_MS + IN_DOUBT_GRACE_MS + 1_000;

/** The request is over, or counts as over soon, so no intent of it stays open, and what the journal holds is the outcome. */
function expectSettled(rig: RefreshRig, outcome: Outcome): void {
  const entry = rig.journal.entries.get('acme/shop');
  expect(entry).toBeDefined();
  if ('result' in outcome) expect(entry?.intent).toBeUndefined();
  else expect(entry?.intent?.overAtMs ?? 0).toBeLessThanOrEqual(SCHEDULED_AT + OPEN_MAX_MS);
  if ('result' in outcome) {
    expect(entry).toEqual({
      ...journalEntry({ answer: outcome.result }),
      provider: entry?.provider,
      settings: entry?.settings,
      // Of material that was replaced by what is of no use.
      ...(entry?.doubt === undefined ? {} : { doubt: entry.doubt }),
    });
    return;
  }
  expect(entry?.answer).toBeUndefined();
  const holdMs = (entry?.setback?.holdUntilMs ?? SCHEDULED_AT) - SCHEDULED_AT;
  expect(Number.isSafeInteger(holdMs)).toBe(true);
  expect(holdMs).toBeGreaterThanOrEqual(0);
  expect(holdMs).toBeLessThan(2 * RETRY_AFTER_MAX_MS);
}

/** Only the token itself may hold a secret: no failure, log line or metric. */
function expectDiscreet(rig: RefreshRig, outcome: Outcome): void {
  const failure = 'result' in outcome ? '' : inspect(outcome.failure, { depth: null });
  const told = [failure, ...rig.logged, ...rig.counted].join('\n');
  expect(formsFound(SECRET, Buffer.from(told))).toEqual([]);
}
