import { LOG_KEYS } from '../contract/names.js';
import { errorFacts } from './error-facts.js';

/** Fields of Temporal's SDK that hold names, numbers and ids, never what a payload says. */
const SDK_KEYS = [
  'activityId',
  'activityType',
  'isLocal',
  'namespace',
  'runId',
  'sdkComponent',
  'state',
  'taskQueue',
  'workflowId',
  'workflowRunId',
  'workflowType',
] as const;

/** Fields in which Temporal's SDK and our rooms hand over an error. */
const ERROR_KEYS: ReadonlySet<string> = new Set(['err', 'error']);

const SHOWN_KEYS: ReadonlySet<string> = new Set([...Object.values(LOG_KEYS), ...SDK_KEYS]);

/** Longest value in characters. What we say ourselves is shorter, even with the longest ids in it. */
const VALUE_MAX_CHARS = 512;

/**
 * The fields of a log line that are shown: those with a known key and a plain value, and the type and code of an error. A list
 * of what may be shown can miss a field, but cannot leak one. A long value is cut, since others choose some ids.
 */
export function shownFields(fields: object): Record<string, string | number | boolean> {
  const shown: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(fields) as [string, unknown][]) {
    if (ERROR_KEYS.has(key)) Object.assign(shown, errorFacts(value));
    else if (SHOWN_KEYS.has(key) && isPlain(value)) shown[key] = cut(value);
  }
  return shown;
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function cut(value: string | number | boolean): string | number | boolean {
  return typeof value === 'string' && value.length > VALUE_MAX_CHARS
    ? `${value.slice(0, VALUE_MAX_CHARS)}…`
    : value;
}
