import type { RefreshActivities } from '../contract/refresh-activity.js';
import type { RefreshDeps } from './ports.js';
import { RefreshAttempt } from './refresh-token.js';

/** The activities of evertoken over what they need from outside. */
export function createActivities(deps: RefreshDeps): RefreshActivities {
  return { refreshToken: (request) => new RefreshAttempt(deps, request).run() };
}
