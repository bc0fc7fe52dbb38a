import { EXIT_CODES } from '../exit-codes.js';

/** What a finding is about. */
export type Check =
  | 'encryption'
  | 'server'
  | 'retention'
  | 'search attributes'
  | 'worker'
  | 'credentials'
  | 'keys'
  | 'examination';

/** What one check found. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly check: Check;
  /** The credential or task queue, if a check looks at several. */
  readonly subject?: string;
  /** One word for what is wrong. It stays the same while only times and counts change. Absent if all is well. */
  readonly problem?: string;
  /** What was found, for people. */
  readonly text: string;
  /** The command that repairs it, if there is one. */
  readonly repair?: string;
}

/** The exit code for all findings together. A warning is no failure. */
export function exitCodeOfFindings(findings: readonly Finding[]): number {
  const failed = findings.filter(({ level }) => level === 'fail');
  if (failed.some(isUnanswered)) return EXIT_CODES.unavailable;
  return failed.length > 0 ? EXIT_CODES.failed : EXIT_CODES.done;
}

/** Whether Temporal or a worker does not answer. */
function isUnanswered({ check, problem }: Finding): boolean {
  return check === 'server' || check === 'worker' || problem === 'no-worker';
}

/** One line for people. */
export function findingLine({ level, check, text, repair }: Finding): string {
  const command = repair === undefined ? '' : `; run: ${repair}`;
  return `${level.padEnd(4)}  ${check.padEnd(18)}${text}${command}`;
}
