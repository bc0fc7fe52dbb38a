import type { RefreshRequest } from '../contract/refresh-activity.js';
import { AttemptJournal } from './attempt-journal.js';
import { AttemptReport } from './attempt-report.js';
import { type Attempt, currentAttempt } from './current-attempt.js';
import type { RefreshDeps } from './ports.js';

/** One attempt for a credential: what is asked, and what it works with. */
export interface AttemptContext {
  readonly deps: RefreshDeps;
  readonly request: RefreshRequest;
  readonly attempt: Attempt;
  readonly report: AttemptReport;
  readonly journal: AttemptJournal;
}

/** The context of the attempt that is being run. */
export function attemptContext(deps: RefreshDeps, request: RefreshRequest): AttemptContext {
  const attempt = currentAttempt();
  const report = new AttemptReport(deps, request, attempt);
  return { deps, request, attempt, report, journal: new AttemptJournal(deps, request, report) };
}
