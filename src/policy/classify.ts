/** Codes of a provider that its page, or reviewed public code, gives a meaning. */
export interface CodeTable {
  readonly permanent: readonly string[];
  readonly transient: readonly string[];
  readonly clientRejected: readonly string[];
}

/** Codes that mean the same at every provider that speaks OAuth 2.0 (RFC 6749, sections 4.1.2.1 and 5.2; RFC 8628). */
export const STANDARD_CODES: CodeTable = {
  permanent: [],
  transient: ['temporarily_unavailable', 'server_error', 'slow_down'],
  clientRejected: ['invalid_client', 'unauthorized_client'],
};

/**
 * Codes that say that the client did not authenticate (RFC 6749, section 5.2), those of GitHub, Slack and Salesforce included.
 * `unauthorized_client` does not: it may be of one grant, as where a tenant did not admit the client.
 */
const OF_CLIENT_AUTHENTICATION = [
  'invalid_client',
  'incorrect_client_credentials',
  'bad_client_secret',
  'invalid_client_id',
];

/** Whether a rejection may concern every credential of the client. */
export function concernsWholeClient(code: string): boolean {
  return OF_CLIENT_AUTHENTICATION.includes(code);
}

/** An answer without a token, as the provider's own judge sees it. */
export interface Refusal {
  readonly status: number;
  /** Whether the body has the error shape of the provider's page; a gateway's page has not. */
  readonly shape: 'documented' | 'foreign';
  /** The code that the body names, if any; untrusted text. */
  readonly code?: string;
}

/** What the meaning of a refusal depends on. */
export interface RefusalFacts {
  readonly codes: CodeTable;
  /** The spent material is the current access token itself, and no login is configured. */
  readonly spendsAccessToken: boolean;
  /**
   * The current access token has expired, by the server's clock; `unknown` where there is none, or
   * nobody said how long it lives.
   */
  readonly tokenHasExpired: boolean | 'unknown';
}

/** What a refusal means. `code` is one of the listed codes or one of ours, never foreign text. */
export interface Verdict {
  readonly meaning: 'retry' | 'client-rejected' | 'unconfirmed' | 'permanent';
  readonly code: string;
}

const RETRYABLE_STATUSES = [408, 409, 425, 429];

/** Judges a refusal; the first rule that fits wins. */
export function classifyRefusal(refusal: Refusal, facts: RefusalFacts): Verdict {
  const { status } = refusal;
  const code = listedCode(refusal.code, facts.codes);
  const named = code ?? `http_${status}`;
  if (RETRYABLE_STATUSES.includes(status) || status >= 500)
    return { meaning: 'retry', code: named };
  if (code !== undefined) {
    const meaning = meaningOf(code, facts.codes) ?? meaningOf(code, STANDARD_CODES);
    if (meaning !== undefined) return { meaning, code };
  }
  if (status === 400 || status === 404) {
    return { meaning: refusal.shape === 'documented' ? 'permanent' : 'unconfirmed', code: named };
  }
  if (status === 401 || status === 403) {
    if (!facts.spendsAccessToken || facts.tokenHasExpired === false) {
      return { meaning: 'retry', code: named };
    }
    return facts.tokenHasExpired === 'unknown' && refusal.shape === 'foreign'
      ? { meaning: 'unconfirmed', code: named }
      : { meaning: 'permanent', code: 'beyond_renewal' };
  }
  return { meaning: 'retry', code: status >= 200 && status < 300 ? 'no_token_in_answer' : named };
}

/** Answers after which nobody can have worked on the request (RFC 9110, sections 15.6.2 and 15.6.6). */
const NEVER_WORKED_ON = [501, 505];
/** Not of RFC 9110: nginx writes 499 where a client, such as a gateway, did not wait. */
const GIVEN_UP = [408, 499];

/**
 * Whether a refusal may hide a refresh that the provider did make: a gateway answers 503 or 524 also when the provider
 * behind it is still at work. A 503 in the provider's own shape hides none, nor does a success in it: GitHub and Slack
 * refuse with status 200.
 */
export function leavesDoubt({ status, shape }: Pick<Refusal, 'status' | 'shape'>): boolean {
  if (shape === 'documented' && status === 503) return false;
  if (status >= 500) return !NEVER_WORKED_ON.includes(status);
  return GIVEN_UP.includes(status) || (shape === 'foreign' && status >= 200 && status < 300);
}

/** A gateway gave up waiting (RFC 9110, sections 15.5.9, 15.6.3 and 15.6.5; 520 to 524 are Cloudflare's). */
const GATEWAY_GAVE_UP = [...GIVEN_UP, 502, 504, 520, 521, 522, 523, 524];

/** Whether the provider may be at work on the request still, behind a gateway that no longer waits for it. */
export function mayStillRun(status: number): boolean {
  return GATEWAY_GAVE_UP.includes(status);
}

/** Whether a provider's own table or the standard one gives a code a meaning. */
export function isListed(code: string, codes: CodeTable): boolean {
  return [codes, STANDARD_CODES].some((table) => meaningOf(code, table) !== undefined);
}

/** What a table says of a code. */
function meaningOf(code: string, codes: CodeTable): Verdict['meaning'] | undefined {
  if (codes.transient.includes(code)) return 'retry';
  if (codes.clientRejected.includes(code)) return 'client-rejected';
  return codes.permanent.includes(code) ? 'permanent' : undefined;
}

/** A provider may echo a secret where a code belongs, so only listed codes and short numbers pass. */
function listedCode(code: string | undefined, codes: CodeTable): string | undefined {
  if (code === undefined) return undefined;
  return isListed(code, codes) || /^\d{1,8}$/.test(code) ? code : undefined;
}
