import { z } from 'zod';
import type { JsonObject } from '../../contract/credential.js';
import type { Judgement, WireAnswer } from '../port.js';
import { isListed } from '../../policy/classify.js';
import { FORM_CONTENT_TYPE, parseForm } from '../wire/form.js';
import { parseJsonObject } from '../wire/json.js';
import {
  isSuccess,
  refusalBesideMaterial,
  refusalJudgement,
  tokenJudgement,
  tokenlessJudgement,
} from '../wire/judgement.js';
import { secretText, trimmedText } from '../wire/secret-text.js';
import { oauth2Codes } from './codes.js';
import type { OAuth2Config } from './config.js';

/** A successful answer (RFC 6749, section 5.1), as loosely as real servers write it. */
export const oauth2ResponseSchema = z.looseObject({
  access_token: secretText.describe('The new access token'),
  token_type: z.unknown().exactOptional().describe('Such as Bearer'),
  expires_in: z.unknown().exactOptional().describe('Lifetime, in the configured unit'),
  refresh_token: z
    .unknown()
    .exactOptional()
    .describe('The next refresh token; without it the old one stays'),
  refresh_token_expires_in: z
    .unknown()
    .exactOptional()
    .describe('Lifetime of the refresh token, as GitHub names it'),
  x_refresh_token_expires_in: z
    .unknown()
    .exactOptional()
    .describe('Lifetime of the refresh token, as Intuit names it'),
  refresh_expires_in: z
    .unknown()
    .exactOptional()
    .describe('Lifetime of the refresh token, as Keycloak names it'),
  scope: z.unknown().exactOptional().describe('Scopes, space separated'),
});

/**
 * Judges an answer of a token endpoint. An `error` makes any status a refusal: GitHub and Slack refuse with
 * status 200. Answers in form encoding are read too, since a rotated token in one would be lost.
 */
export function judgeOAuth2Answer(answer: WireAnswer, config: OAuth2Config): Judgement {
  const body = parseJsonObject(answer.text) ?? formFields(answer);
  const error = errorCode(body, answer, config);
  if (error !== undefined) {
    const refusal = refusalJudgement(shapeOf(error, config), error);
    // The server may have rotated the grant all the same. Then the next refresh spends what it sent.
    return isSuccess(answer)
      ? refusalBesideMaterial(refusal, { refreshToken: body?.['refresh_token'] })
      : refusal;
  }
  const granted = oauth2ResponseSchema.safeParse(
    body && { ...body, access_token: trimmedText(body['access_token']) },
  );
  if (!isSuccess(answer)) return refusalJudgement('foreign');
  if (!granted.success) return tokenlessJudgement({ refreshToken: body?.['refresh_token'] });
  const { access_token, token_type, expires_in, refresh_token, scope } = granted.data;
  return tokenJudgement({
    value: access_token,
    tokenType: token_type,
    lifetime: expires_in,
    materialLifetime:
      granted.data.refresh_token_expires_in ??
      granted.data.x_refresh_token_expires_in ??
      granted.data.refresh_expires_in,
    scope,
    ...(config.extraFields.length > 0 && { extras: picked(body ?? {}, config.extraFields) }),
    replacements: { refreshToken: refresh_token },
  });
}

/** HubSpot names the code of a refusal in `status`. Others have any word there, so only a listed one is a code. */
function errorCode(
  body: JsonObject | undefined,
  answer: WireAnswer,
  config: OAuth2Config,
): string | undefined {
  const { error, status } = body ?? {};
  if (typeof error === 'string' && error !== '') return error;
  const isCode = typeof status === 'string' && isListed(status, oauth2Codes(config));
  return isCode && !isSuccess(answer) ? status : undefined;
}

/**
 * Only a listed `error` surely comes from the authorization server itself. Another one may come from a gateway or a framework,
 * such as `rate_limited` or `route_not_found`, even if it looks like one of OAuth.
 */
function shapeOf(error: string, config: OAuth2Config): 'documented' | 'foreign' {
  return isListed(error, oauth2Codes(config)) ? 'documented' : 'foreign';
}

/** Servers that answer in form encoding call it plain text, too. Other plain text names none of the fields of an answer. */
function formFields(answer: WireAnswer): JsonObject | undefined {
  const type = answer.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== FORM_CONTENT_TYPE && type !== 'text/plain') return undefined;
  const fields = parseForm(answer.text);
  const isAnswer = FORM_FIELDS.some((name) => Object.hasOwn(fields, name));
  return type === FORM_CONTENT_TYPE || isAnswer ? fields : undefined;
}

/** Each form that says something has one of them. */
const FORM_FIELDS = ['access_token', 'refresh_token', 'error'];

function picked(body: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([field]) => fields.includes(field)));
}
