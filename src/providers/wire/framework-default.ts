import { STATUS_CODES } from 'node:http';
import type { JsonObject } from '../../contract/credential.js';

const REASON_PHRASES: ReadonlySet<string> = new Set(
  Object.values(STATUS_CODES).map((phrase) => normalized(phrase ?? '')),
);

/**
 * Whether a text is a reason phrase of HTTP, such as `Not Found`, `404 Not Found` or `not_found`. Frameworks and gateways put
 * one where OAuth has an error code. It says nothing about the material.
 */
function isReasonPhrase(value: unknown): boolean {
  return (
    typeof value === 'string' && REASON_PHRASES.has(normalized(value.replace(/^\s*\d{3}\b/, '')))
  );
}

/**
 * Whether a framework could have made this error body by itself, as for a route that is not there. Then `error` (Spring,
 * Nest, Fastify), or `message` without an `error` (Express, Kong), is a reason phrase.
 */
export function isFrameworkDefault(body: JsonObject | undefined): boolean {
  if (body === undefined) return false;
  const { error, message } = body;
  return isReasonPhrase(error) || (error === undefined && isReasonPhrase(message));
}

function normalized(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}
