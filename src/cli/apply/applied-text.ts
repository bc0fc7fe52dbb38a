import { dateText } from '../../policy/date-text.js';
import { relativeText } from '../time-text.js';
import type { AppliedCredential } from './applied-credential.js';

/** One line for people. */
export function appliedLine(result: AppliedCredential, nowMs: number): string {
  const { id, outcome, status, reason } = result;
  if (reason !== undefined) return `${id}: ${outcome}: ${reason}`;
  const expires = status?.expiresAtMs;
  const token = expires === undefined ? '' : `, token expires ${relativeText(expires, nowMs)}`;
  return `${id}: ${outcome}${token}`;
}

/** One object for programs. */
export function appliedJson({ id, outcome, status, reason }: AppliedCredential): object {
  const expiresAtMs = status?.expiresAtMs;
  return {
    id,
    outcome,
    status: status?.status,
    generation: status?.generation,
    expiresAt: expiresAtMs === undefined ? undefined : dateText(expiresAtMs),
    reason,
  };
}
