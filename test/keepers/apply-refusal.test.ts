import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { applyRefusal } from '../../src/keepers/temporal-error.js';

it('the words of a refused application are those that its keeper sealed, whatever message a failure got on its way', () => {
  const sealed = { reason: 'outdated', application: 1_000, message: 'it is older than the last' };
  const made = ApplicationFailure.nonRetryable('run: curl', 'ApplyRefusedError', sealed);
  const error = new WorkflowUpdateFailedError('the update failed', made);
  expect(applyRefusal(error)).toEqual({ refused: sealed });
});
