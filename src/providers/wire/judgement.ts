import type { JsonObject } from '../../contract/credential.js';
import { defined } from '../../contract/defined.js';
import { jsonBytes } from '../../contract/json-bytes.js';
import { TOKEN_FIELD_MAX_BYTES } from '../../policy/attempt-numbers.js';
import type { Judgement, WireAnswer } from '../port.js';
import { keepableExtras } from './extras.js';
import { isSecretText, meantSecret } from './secret-text.js';

/** Fields of an answer with a usable token, as they came. */
export interface TokenFields {
  readonly value: string;
  readonly tokenType?: unknown;
  readonly lifetime: unknown;
  readonly materialLifetime?: unknown;
  readonly scope?: unknown;
  readonly extras?: JsonObject;
  /** What the answer gives to replace material. A value that cannot be used as a secret replaces nothing. */
  readonly replacements?: Readonly<Record<string, unknown>>;
}

type Refusal = Extract<Judgement, { kind: 'refusal' }>;

/** Whether a status means success: some providers answer a refresh with 201. */
export function isSuccess(answer: WireAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** Judgement of an answer with a token. */
export function tokenJudgement(fields: TokenFields): Judgement {
  const { value, lifetime, materialLifetime, scope, extras } = fields;
  return {
    kind: 'token',
    value,
    tokenType: tokenType(fields.tokenType),
    lifetime,
    ...defined({
      materialLifetime,
      scope: isScope(scope) ? scope.trim() : undefined,
      extras: extras && keepableExtras(extras),
    }),
    replacedMaterial: usable(fields.replacements ?? {}),
    ...(isAnyLost(fields.replacements ?? {}) && { isReplacementLost: true }),
  };
}

/** Judgement of any other answer. A code is left out unless it is a number or a short text. */
export function refusalJudgement(shape: 'documented' | 'foreign', code?: unknown): Refusal {
  const text = typeof code === 'number' ? String(code) : code;
  return typeof text === 'string' && text !== '' && text.length <= CODE_MAX_CHARS
    ? { kind: 'refusal', shape, code: text }
    : { kind: 'refusal', shape };
}

/** The same for a success that may replace material beside its error. An unusable replacement leaves the refresh in doubt. */
export function refusalBesideMaterial(
  refusal: Refusal,
  replacements: Readonly<Record<string, unknown>>,
): Judgement {
  const replacedMaterial = usable(replacements);
  return {
    ...refusal,
    ...(isAnyLost(replacements) && { shape: 'foreign' }),
    ...(Object.keys(replacedMaterial).length > 0 && { replacedMaterial }),
  };
}

/** Judgement of a success without a usable token. It may have replaced material all the same. */
export function tokenlessJudgement(replacements: Readonly<Record<string, unknown>>): Judgement {
  return refusalBesideMaterial(refusalJudgement('foreign'), replacements);
}

/** No reviewed code is longer. A token in the place of a code often is. */
const CODE_MAX_CHARS = 64;

/** What servers call a bearer token. Slack says whose it is (`bot`, `user`), Apigee and Azure DevOps which kind; none is a scheme. */
const BEARER_TYPES = ['bearer', 'bot', 'user', 'bearertoken', 'jwt-bearer'];

/** An authentication scheme is a token of RFC 9110, section 5.6.2. Servers write `bearer` in upper, lower and mixed case. */
function tokenType(value: unknown): string {
  if (typeof value !== 'string' || !/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(value)) return 'Bearer';
  return BEARER_TYPES.includes(value.toLowerCase()) ? 'Bearer' : value;
}

function isScope(value: unknown): value is string {
  return (
    typeof value === 'string' && value.trim() !== '' && jsonBytes(value) <= TOKEN_FIELD_MAX_BYTES
  );
}

function usable(replacements: Readonly<Record<string, unknown>>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [field, value] of Object.entries(replacements)) {
    const meant = meantSecret(value);
    if (isSecretText(meant)) found[field] = meant;
  }
  return found;
}

/** Whether any replacement is unusable. `null` and an empty text do not count, since they replace nothing. */
function isAnyLost(replacements: Readonly<Record<string, unknown>>): boolean {
  return Object.values(replacements).some((value) => {
    const meant = meantSecret(value);
    return meant !== undefined && meant !== null && meant !== '' && !isSecretText(meant);
  });
}
