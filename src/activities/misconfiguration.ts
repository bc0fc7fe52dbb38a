import { defined } from '../contract/defined.js';
import { LOG_KEYS } from '../contract/names.js';
import { MaterialError } from '../providers/material-error.js';
import { ProviderConfigError } from '../providers/provider-config-error.js';
import { WorkerSecretError } from './worker-secrets.js';

/** Why this worker cannot make the request at all. */
export interface Misconfiguration extends Problem {
  readonly misconfigured:
    'unknown_provider' | 'unusable_config' | 'unusable_material' | 'missing_secret';
}

/** What only the worker's log says of a request that cannot be made. */
export interface Problem {
  /** Words of ours: they name a field or a key, and no value. */
  readonly problem?: string;
  /** An error that is not ours: its class and code alone are logged. */
  readonly error?: unknown;
}

const OURS = [MaterialError, ProviderConfigError, WorkerSecretError];

export function misconfiguration(
  misconfigured: Misconfiguration['misconfigured'],
  error: Error,
): Misconfiguration {
  return { misconfigured, ...problemOf(error) };
}

export function problemOf(error: unknown): Problem {
  const isOurs = OURS.some((kind) => error instanceof kind);
  return isOurs && error instanceof Error ? { problem: error.message } : { error };
}

/** As fields of a log line. */
export function loggedProblem({ problem, error }: Problem): Record<string, unknown> {
  return defined({ [LOG_KEYS.problem]: problem, error });
}
