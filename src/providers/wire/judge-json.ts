import type { z } from 'zod';
import type { JsonObject } from '../../contract/credential.js';
import type { Judgement, WireAnswer } from '../port.js';
import { parseJsonObject } from './json.js';
import {
  isSuccess,
  refusalJudgement,
  type TokenFields,
  tokenJudgement,
  tokenlessJudgement,
} from './judgement.js';
import { isFrameworkDefault } from './framework-default.js';

/** The two documented bodies of a provider's page, and what each says. */
export interface DocumentedBodies<Granted, Refused> {
  readonly granted: z.ZodType<Granted>;
  /** Reads an answer with a token; `body` is the same answer before its schema. */
  readonly token: (granted: Granted, body: JsonObject) => TokenFields;
  readonly refused: z.ZodType<Refused>;
  /** What a success says in place of material, with a token or without; absent where nothing is replaced beside a token. */
  readonly replacements?: (body: JsonObject) => Readonly<Record<string, unknown>>;
  /** Reads the code of a refusal; absent where the page knows none. */
  readonly code?: (refused: Refused) => unknown;
}

/** Judges an answer that is a JSON object, either with a token under a success status or in the error's shape. */
export function judgeJson<Granted, Refused>(
  answer: WireAnswer,
  bodies: DocumentedBodies<Granted, Refused>,
): Judgement {
  const body = trimmed(parseJsonObject(answer.text));
  const granted = bodies.granted.safeParse(body);
  if (body !== undefined && isSuccess(answer) && granted.success) {
    return tokenJudgement(bodies.token(granted.data, body));
  }
  const refused = bodies.refused.safeParse(body);
  if (!refused.success) {
    return body !== undefined && isSuccess(answer)
      ? tokenlessJudgement(bodies.replacements?.(body) ?? {})
      : refusalJudgement('foreign');
  }
  // What Spring, Nest and Fastify answer for any missing route equals the error of some pages.
  const isDecisive = answer.status === 400 || answer.status === 404;
  const shape = isDecisive && isFrameworkDefault(body) ? 'foreign' : 'documented';
  return refusalJudgement(shape, bodies.code?.(refused.data));
}

/** White space around a text, such as a line break that ended a file, is no part of a token; no other text needs it. */
function trimmed(body: JsonObject | undefined): JsonObject | undefined {
  if (body === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.trim() : value,
    ]),
  );
}
