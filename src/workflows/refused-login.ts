import type { ApplyRequest } from '../contract/messages.js';
import type { Refused } from '../policy/apply.js';
import { lineageOf } from '../policy/lineage.js';
import type { Keeper } from './keeper.js';

/** A login that was refused after it had been taken for a new one. */
export interface RefusedLogin {
  readonly lineage: string;
  /** Number of the newest application that brought it. */
  readonly application: number;
  /** Why, for people. */
  readonly message: string;
}

/** Whether it is decided what becomes of the login that an application brought: by the journal, or since it no longer matters. */
export function isLoginDecided({ state, hasEnded }: Keeper, { spec }: ApplyRequest): boolean {
  const { formerStates = [] } = state;
  return hasEnded || formerStates.length === 0 || lineageOf(state.spec) !== lineageOf(spec);
}

/** Why the login of an application was refused after all, if so. */
export function loginRefusalOf(
  { refusedLogin, state }: Keeper,
  { spec, application }: ApplyRequest,
): Refused | undefined {
  if (refusedLogin === undefined || refusedLogin.lineage !== lineageOf(spec)) return undefined;
  if (refusedLogin.application < application) return undefined;
  const { message } = refusedLogin;
  return { refused: { reason: 'replaced-login', application: state.application, message } };
}
