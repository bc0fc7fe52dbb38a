import type { Finding } from './finding.js';

/** What can be wrong with a credential. `docs/cli.md` explains each; a test compares the two. */
export const CREDENTIAL_PROBLEMS = [
  'never-started',
  'stopped',
  'cancelled',
  'terminated',
  'timed-out',
  'failed',
  'task-failing',
  'no-worker',
  'waiting',
  'paused',
  'client-rejected',
  'expired',
  'overdue',
  'retrying',
  'no-answer',
  'not-in-file',
] as const;

/** What is wrong with one keeper. */
export interface Trouble extends Pick<Finding, 'level' | 'text' | 'repair'> {
  readonly problem: (typeof CREDENTIAL_PROBLEMS)[number];
}

/** Whether a credentials file says that a credential shall be kept. */
export interface Declaration {
  /** The credentials file as the caller named it. Absent if there is none. */
  readonly file?: string;
  /** Whether that file names the credential. */
  readonly isNamed: boolean;
}
