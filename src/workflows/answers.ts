import type { StatusAnswer, TokenAnswer } from '../contract/messages.js';
import { publishedAnswer, statusAnswerOf, tokenAnswerOf } from '../policy/published-answer.js';
import type { Keeper } from './keeper.js';

/** The answer of `token` and `ensureFresh`. */
export function tokenAnswer({ state }: Keeper): TokenAnswer {
  return tokenAnswerOf(publishedAnswer(state, Date.now()));
}

export function statusAnswer({ state, isRefreshing }: Keeper): StatusAnswer {
  return statusAnswerOf(publishedAnswer(state, Date.now()), isRefreshing);
}
