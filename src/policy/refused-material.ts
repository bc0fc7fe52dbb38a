import type { FailureSummary } from '../contract/failures.js';

/** Endings that say nothing of the material: a wrong address, or nothing was sent at all. */
const UNSPENT_ENDINGS: readonly string[] = [
  'http_400',
  'http_404',
  'login_replaced',
  'login_forgotten',
  'settings_replaced',
];

/** Whether the failure that ended a keeper says that its material is spent or refused. */
export function isMaterialRefused(ending: FailureSummary | undefined): boolean {
  return ending !== undefined && !UNSPENT_ENDINGS.includes(ending.code);
}
