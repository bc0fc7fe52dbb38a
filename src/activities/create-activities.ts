import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { RefreshActivities, RefreshRequest } from '../contract/refresh-activity.js';
import type { RefreshDeps } from './ports.js';
import { RefreshAttempt } from './refresh-token.js';

/** The activities of evertoken over what they need from outside. */
export function createActivities(deps: RefreshDeps): RefreshActivities {
  return {
    refreshToken: async (request: RefreshRequest) => {
      const attempt = new RefreshAttempt(deps, request);
      try {
        return await attempt.run();
      } catch (error) {
        if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
        throw attempt.unexpected(error);
      }
    },
  };
}
