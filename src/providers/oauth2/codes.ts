import type { CodeTable } from '../../policy/classify.js';
import type { OAuth2Config } from './config.js';

/** Codes of RFC 6749 (section 5.2) and RFC 8707, and of providers that have their own. */
const REVIEWED: CodeTable = {
  permanent: [
    'invalid_grant',
    'invalid_request',
    'invalid_scope',
    'unsupported_grant_type',
    'invalid_target',
    // GitHub, with status 200.
    'bad_refresh_token',
    // Slack, with status 200.
    'invalid_refresh_token',
    // Zoho, with status 200, 400 or 401.
    'invalid_code',
    // HubSpot, with status 400.
    'BAD_REFRESH_TOKEN',
    // Microsoft Entra, with status 400: somebody must log in again.
    'interaction_required',
    'consent_required',
  ],
  transient: [
    // Zoho's throttle, with status 400.
    'Access Denied',
    // Google.
    'internal_failure',
  ],
  clientRejected: [
    // GitHub, with status 200.
    'incorrect_client_credentials',
    // Slack, with status 200.
    'bad_client_secret',
    // Slack, with status 200, and Salesforce, with status 400.
    'invalid_client_id',
  ],
};

/** The reviewed codes and the configured ones. Where the two disagree, the configured ones count. */
export function oauth2Codes(config: OAuth2Config): CodeTable {
  const { permanentCodes, transientCodes } = config;
  return {
    permanent: [...REVIEWED.permanent, ...permanentCodes],
    transient: [...without(REVIEWED.transient, permanentCodes), ...transientCodes],
    clientRejected: without(REVIEWED.clientRejected, permanentCodes),
  };
}

function without(codes: readonly string[], others: readonly string[]): readonly string[] {
  return codes.filter((code) => !others.includes(code));
}
