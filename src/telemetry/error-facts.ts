import { constants } from 'node:os';
import { defined } from '../contract/defined.js';
import { FAILURE_TYPES } from '../contract/failures.js';
import { LOG_KEYS } from '../contract/names.js';

/** How many causes are followed at most, since a chain may be a ring. */
const CAUSES_MAX = 10;
const TYPE_NAME = /^[A-Za-z]\w{0,63}$/;
const REVIEWED_CODE = /^[\w.-]{1,64}$/;

/**
 * What may be told about an error: its type and its code. Messages, stacks, details and causes stay out, since any of them may
 * quote a provider's answer. In a chain of causes, our own innermost failure counts.
 */
export function errorFacts(error: unknown): Readonly<Record<string, string>> {
  const ours = causeChain(error).findLast(isOurs);
  const type = ours === undefined ? typeName(error) : ours.type;
  const code = ours === undefined ? systemCode(error) : reviewedCode(ours.details);
  return {
    [LOG_KEYS.failureType]: type,
    ...defined({ [LOG_KEYS.failureCode]: code }),
  };
}

interface OurFailure {
  readonly type: string;
  readonly details?: unknown;
}

function causeChain(error: unknown): readonly object[] {
  const chain: object[] = [];
  let next = error;
  while (typeof next === 'object' && next !== null && chain.length < CAUSES_MAX) {
    chain.push(next);
    next = 'cause' in next ? next.cause : undefined;
  }
  return chain;
}

/** Checks `type` and not the class, because a failure from the workflow's sandbox is of another realm. */
function isOurs(error: object): error is OurFailure {
  return 'type' in error && FAILURE_TYPES.some((type) => type === error.type);
}

function reviewedCode(details: unknown): string | undefined {
  const first: unknown = Array.isArray(details) ? details[0] : undefined;
  if (typeof first !== 'object' || first === null || !('code' in first)) return undefined;
  return typeof first.code === 'string' && REVIEWED_CODE.test(first.code) ? first.code : undefined;
}

/** The class as the program declares it, because somebody could have set `name` to anything. */
function typeName(error: unknown): string {
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return TYPE_NAME.test(name) ? name : 'Error';
}

/** Codes of the operating system only, such as `ECONNREFUSED`. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && Object.hasOwn(constants.errno, code) ? code : undefined;
}
