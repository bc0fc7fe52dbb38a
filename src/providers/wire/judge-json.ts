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
import { trimmedText } from './secret-text.js';

/** The two documented bodies of a provider's page, and what each says. */
export interface DocumentedBodies<Granted, Refused> {
  readonly granted: z.ZodType<Granted>;
  /** Reads an answer with a token. `body` is the same answer, as it was before the schema read it. */
  readonly token: (granted: Granted, body: JsonObject) => TokenFields;
  readonly refused: z.ZodType<Refused>;
  /** The material that a success replaces, even one without a token. Absent if only a success with a token replaces any. */
  readonly replacements?: (body: JsonObject) => Readonly<Record<string, unknown>>;
  /** Reads the code of a refusal. Absent if the page knows no codes. */
  readonly code?: (refused: Refused) => unknown;
}

/** Judges an answer that is a JSON object: a success with a token, or an error in the documented shape. */
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
  // Spring, Nest and Fastify answer any missing route with a body that equals the documented error of some pages.
  const isDecisive = answer.status === 400 || answer.status === 404;
  const shape = isDecisive && isFrameworkDefault(body) ? 'foreign' : 'documented';
  return refusalJudgement(shape, bodies.code?.(refused.data));
}

/** White space around a token, such as a line break from the end of a file, is not part of it. No other text needs it. */
function trimmed(body: JsonObject | undefined): JsonObject | undefined {
  if (body === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, trimmedText(value)]),
  );
}
