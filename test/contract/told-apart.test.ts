import { describe, expect, it } from 'vitest';
import { FAILURE_SUMMARY } from '../../src/contract/keeper-shapes.js';
import { PUBLISHED_ANSWER, PUBLISHED_SETTINGS } from '../../src/contract/answer-shapes.js';
import * as checks from '../../src/contract/payload-checks.js';
import {
  APPLY_REQUEST,
  CONTINUING_INPUT,
  ENSURE_FRESH_REQUEST,
  FORCE_REFRESH_REQUEST,
  MOVE_JOURNAL_REQUEST,
  PAYLOAD_SHAPES,
  REFRESH_RESULT,
  REVOKE_REQUEST,
  REVOKE_TOKEN_RESULT,
  SENT_REQUEST,
  STARTING_INPUT,
} from '../../src/contract/payload-shapes.js';
import type { Field } from '../../src/contract/shape.js';
import { sample, samples } from './shape-samples.js';

interface Check {
  readonly what: string;
  readonly isTaken: (value: unknown) => boolean;
  readonly own: readonly Field[];
}

/** What is acted on or believed, with what may be taken for it. */
const CHECKS: readonly Check[] = [
  {
    what: 'the input of a keeper',
    isTaken: checks.fitsKeeperInput,
    own: [STARTING_INPUT, CONTINUING_INPUT],
  },
  {
    what: 'a forced refresh',
    isTaken: checks.fitsForceRefreshRequest,
    own: [FORCE_REFRESH_REQUEST],
  },
  { what: 'a caller’s wish', isTaken: checks.fitsEnsureFreshRequest, own: [ENSURE_FRESH_REQUEST] },
  { what: 'an application', isTaken: checks.fitsApplyRequest, own: [APPLY_REQUEST] },
  {
    what: 'a move of the journal',
    isTaken: checks.fitsMoveJournalRequest,
    own: [MOVE_JOURNAL_REQUEST],
  },
  { what: 'a revocation', isTaken: checks.fitsRevokeRequest, own: [REVOKE_REQUEST] },
  { what: 'a request that was sent', isTaken: checks.fitsSentRequest, own: [SENT_REQUEST] },
  { what: 'a result of a refresh', isTaken: checks.fitsRefreshResult, own: [REFRESH_RESULT] },
  {
    what: 'a result of a revocation',
    isTaken: checks.fitsRevokeTokenResult,
    own: [REVOKE_TOKEN_RESULT],
  },
  { what: 'a failure', isTaken: checks.fitsFailureSummary, own: [FAILURE_SUMMARY] },
  { what: 'a published answer', isTaken: checks.fitsPublishedAnswer, own: [PUBLISHED_ANSWER] },
  { what: 'published settings', isTaken: checks.fitsPublishedSettings, own: [PUBLISHED_SETTINGS] },
];

/** Whoever may write to the namespace can send a sealed payload again, where another one is expected. */
describe('no other payload is taken for', () => {
  it.each(CHECKS)('$what', ({ isTaken, own }) => {
    expect(own.map((shape) => sample(shape, true)).every(isTaken)).toBe(true);
    const others = PAYLOAD_SHAPES.filter((shape) => !own.includes(shape));
    expect(others.flatMap(samples).filter(isTaken)).toEqual([]);
  });
});
