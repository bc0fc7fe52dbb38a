import { describe, expect, it } from 'vitest';
import { FAILURE_SUMMARY } from '../../src/contract/keeper-shapes.js';
import { PUBLISHED_ANSWER, PUBLISHED_SETTINGS } from '../../src/contract/answer-shapes.js';
import * as checks from '../../src/contract/payload-checks.js';
import {
  APPLY_REQUEST,
  ENSURE_FRESH_REQUEST,
  FORCE_REFRESH_REQUEST,
  KEEPER_INPUT,
  MOVE_JOURNAL_REQUEST,
  PAYLOAD_SHAPES,
  REFRESH_RESULT,
  REVOKE_REQUEST,
  REVOKE_TOKEN_RESULT,
  SENT_REQUEST,
} from '../../src/contract/payload-shapes.js';
import type { Field } from '../../src/contract/shape.js';
import { samples } from './shape-samples.js';

/** What is acted on or believed, with the one shape that may be taken for it. */
const CHECKS: readonly (readonly [string, (value: unknown) => boolean, Field])[] = [
  ['a forced refresh', checks.fitsForceRefreshRequest, FORCE_REFRESH_REQUEST],
  ['a caller’s wish', checks.fitsEnsureFreshRequest, ENSURE_FRESH_REQUEST],
  ['an application', checks.fitsApplyRequest, APPLY_REQUEST],
  ['a move of the journal', checks.fitsMoveJournalRequest, MOVE_JOURNAL_REQUEST],
  ['a revocation', checks.fitsRevokeRequest, REVOKE_REQUEST],
  ['a request that was sent', checks.fitsSentRequest, SENT_REQUEST],
  ['a result of a refresh', checks.fitsRefreshResult, REFRESH_RESULT],
  ['a result of a revocation', checks.fitsRevokeTokenResult, REVOKE_TOKEN_RESULT],
  ['a failure', checks.fitsFailureSummary, FAILURE_SUMMARY],
  ['a published answer', checks.fitsPublishedAnswer, PUBLISHED_ANSWER],
  ['published settings', checks.fitsPublishedSettings, PUBLISHED_SETTINGS],
];

/** Whoever may write to the namespace can send a sealed payload again, where another one is expected. */
describe('no other payload is taken for', () => {
  it.each(CHECKS)('%s', (_what, isTaken, own) => {
    expect(samples(own).every(isTaken)).toBe(true);
    const others = PAYLOAD_SHAPES.filter((shape) => shape !== own);
    expect(others.flatMap(samples).filter(isTaken)).toEqual([]);
  });
});
