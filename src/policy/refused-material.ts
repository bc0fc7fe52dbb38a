import type { FailureSummary } from '../contract/failures.js';

/** Endings of which the material is never the cause: nobody is at the address, or it cannot be asked so. */
const OF_REQUEST_ALONE: readonly string[] = [
  'http_404',
  'invalid_scope',
  'invalid_target',
  'unsupported_grant_type',
];

/** Endings that speak against the request and not against the material: a wrong address, or a wrong configuration. */
const OF_CONFIGURATION: readonly string[] = ['http_400', ...OF_REQUEST_ALONE];

/** Endings that speak against either: some servers also refuse a dead token with them. */
const OF_EITHER: readonly string[] = ['http_401', 'http_403', 'invalid_request'];

/** Endings that say nothing of the material: it may be asked with again. */
export const UNSPENT_ENDINGS: readonly string[] = [
  ...OF_CONFIGURATION,
  // Nothing was sent at all.
  'login_replaced',
  'login_forgotten',
  'settings_replaced',
];

/** Whether the failure that ended a keeper says that its material is spent or refused. */
export function isMaterialRefused(ending: FailureSummary | undefined): boolean {
  return ending !== undefined && !UNSPENT_ENDINGS.includes(ending.code);
}

/** Since when a request was in doubt whose material was refused then; `undefined` after any other ending. */
export function refusedInDoubt(ending: FailureSummary | undefined): number | undefined {
  return ending?.code === 'outcome_unknown' ? (ending.doubtSinceMs ?? ending.atMs) : undefined;
}

/** Whether a permanent failure of this code most often comes of the address or the configuration. */
export function isConfigurationRefused(code: string): boolean {
  return OF_CONFIGURATION.includes(code) || OF_EITHER.includes(code);
}

/** Whether material that was in doubt may be why it was refused with this code. */
export function maySayItWasSpent(code: string): boolean {
  return !OF_REQUEST_ALONE.includes(code);
}
