import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { RefreshActivities, RefreshRequest } from '../contract/refresh-activity.js';
import type { RefreshDeps } from './ports.js';
import { RefreshAttempt } from './refresh-token.js';
import { revokeToken } from './revoke-token.js';

/** The activities of evertoken over what they need from outside. One attempt per credential runs at a time. */
export function createActivities(deps: RefreshDeps): RefreshActivities {
  // A worker that stood still finds several attempts of one refresh waiting, of which the server has given up all but one.
  const running = new Set<string>();
  return {
    revokeToken: (request) => revokeToken(deps, request),
    refreshToken: async (request: RefreshRequest) => {
      const attempt = new RefreshAttempt(deps, request);
      if (running.has(request.credentialId)) throw attempt.overlapping();
      running.add(request.credentialId);
      try {
        return await attempt.run();
      } catch (error) {
        if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
        throw attempt.unexpected(error);
      } finally {
        running.delete(request.credentialId);
      }
    },
  };
}
