import { STATUS_CODES } from 'node:http';
import type { JsonObject } from '../../contract/credential.js';

const REASON_PHRASES: ReadonlySet<string> = new Set(
  Object.values(STATUS_CODES).map((phrase) => normalized(phrase ?? '')),
);

/**
 * Whether a text is a reason phrase of HTTP, such as `Not Found`, `404 Not Found` or `not_found`: frameworks and gateways put it where
 * OAuth has an error code, and it says nothing of the material.
 */
export function isReasonPhrase(value: unknown): boolean {
  return (
    typeof value === 'string' && REASON_PHRASES.has(normalized(value.replace(/^\s*\d{3}\b/, '')))
  );
}

/**
 * Whether an error body is what a framework answers by itself, for a route that is not there as for anything else:
 * `error` (Spring, Nest, Fastify) or `message` alone (Express, Kong) is a reason phrase.
 */
export function isFrameworkDefault(body: JsonObject | undefined): boolean {
  if (body === undefined) return false;
  const { error, message } = body;
  return isReasonPhrase(error) || (error === undefined && isReasonPhrase(message));
}

function normalized(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}
