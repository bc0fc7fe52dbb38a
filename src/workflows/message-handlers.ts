import {
  type ApplicationFailure,
  CancellationScope,
  condition,
  setHandler,
} from '@temporalio/workflow';
import type { Token } from '../contract/credential.js';
import {
  carriedStateQuery,
  ensureFreshUpdate,
  forceRefreshSignal,
  applyUpdate,
  refreshDelayedSignal,
  statusQuery,
  stopSignal,
  tokenQuery,
} from '../contract/message-definitions.js';
import type {
  ApplyOutcome,
  ApplyRequest,
  EnsureFreshRequest,
  TokenAnswer,
} from '../contract/messages.js';
import {
  fitsApplyRequest,
  fitsEnsureFreshRequest,
  fitsForceRefreshRequest,
  fitsSentRequest,
} from '../contract/payload-checks.js';
import type { Refused } from '../policy/apply.js';
import {
  CALLERS_WAITING_MAX,
  ENSURE_FRESH_WAIT_MS,
  LOGIN_CONFIRM_WAIT_MS,
} from '../policy/keeper-numbers.js';
import { satisfies, unsatisfiable } from '../policy/validity.js';
import { statusAnswer, tokenAnswer } from './answers.js';
import type { Keeper } from './keeper.js';
import { handleOperatorRequests } from './operator-requests.js';
import { failureOf, notOfShape, refused } from './refusals.js';
import { isLoginDecided, loginRefusalOf } from './refused-login.js';

/**
 * Lets the keeper be queried, signalled and updated. What is not sealed, or not of the message's shape, is ignored in a
 * signal and refused in an update. Validators are synchronous: an async one validates nothing.
 */
export function handleMessages(keeper: Keeper): void {
  setHandler(tokenQuery, () => tokenAnswer(keeper), { description: 'the current token' });
  setHandler(statusQuery, () => statusAnswer(keeper), { description: 'status without secrets' });
  setHandler(carriedStateQuery, () => keeper.state, {
    description: 'whole state with its material, for owners',
  });
  setHandler(forceRefreshSignal, (request: unknown) => {
    keeper.messages += 1;
    if (fitsForceRefreshRequest(request)) keeper.force(request, Date.now());
  });
  setHandler(refreshDelayedSignal, (sent: unknown) => {
    keeper.messages += 1;
    keeper.delayed(fitsSentRequest(sent) ? sent.sentWithJournal : undefined);
  });
  setHandler(stopSignal, () => {
    keeper.messages += 1;
    keeper.isStopRequested = true;
  });
  setHandler(ensureFreshUpdate, (request) => ensureFresh(keeper, request), {
    validator: (request: unknown) => {
      if (!fitsEnsureFreshRequest(request)) throw notOfShape();
      const reason = unsatisfiable(freshTokenOf(keeper), request);
      if (reason !== undefined) throw refused('UnsatisfiableValidityError', reason);
      const isCrowded = keeper.waitingCallers >= CALLERS_WAITING_MAX;
      if (isCrowded && !isSatisfied(keeper, wantOf(keeper, request))) {
        throw refused('TooManyCallersError', 'as many callers wait as may; look again later');
      }
    },
  });
  setHandler(applyUpdate, (request) => applied(keeper, request), {
    validator: (request: unknown) => {
      validateApply(keeper, request);
    },
  });
  handleOperatorRequests(keeper);
}

/** What a caller waits for. */
type Want = Required<Pick<EnsureFreshRequest, 'minValidityMs' | 'afterGeneration'>>;

/**
 * After a reset the caller may know a later generation than the keeper: the current one is then meant, or the one that a
 * refresh under way is about to make.
 */
function wantOf(keeper: Keeper, { minValidityMs, afterGeneration = -1 }: EnsureFreshRequest): Want {
  return { minValidityMs, afterGeneration: Math.min(afterGeneration, latestOf(keeper)) };
}

/** The latest generation that a caller can have seen. */
function latestOf({ state: { generation }, isRefreshing }: Keeper): number {
  return isRefreshing ? generation + 1 : generation;
}

function isSatisfied({ state }: Keeper, want: Want): boolean {
  return satisfies(state, want, Date.now());
}

/** Waits for a token that satisfies the caller; asks for at most one refresh. */
async function ensureFresh(keeper: Keeper, request: EnsureFreshRequest): Promise<TokenAnswer> {
  keeper.messages += 1;
  const { generation } = keeper.state;
  const want = wantOf(keeper, request);
  // A caller that has not seen the current token cannot have found it wanting, and none has seen a token that is not made.
  const hasSeenIt = request.generation >= generation && request.generation <= latestOf(keeper);
  if (!isSatisfied(keeper, want) && hasSeenIt) {
    const unusableGeneration = Math.max(want.afterGeneration, generation);
    keeper.force({ unusableGeneration }, Date.now());
  }
  keeper.waitingCallers += 1;
  // Also while the keeper is being cancelled: then the caller is told that it has ended.
  await CancellationScope.nonCancellable(() =>
    condition(() => isSatisfied(keeper, want) || keeper.hasEnded, ENSURE_FRESH_WAIT_MS, {
      summary: 'a caller waits for a fresh token',
    }),
  );
  keeper.waitingCallers -= 1;
  if (isSatisfied(keeper, want)) return tokenAnswer(keeper);
  throw keeper.hasEnded ? endedFailure(keeper) : notFreshInTime(keeper);
}

/**
 * Applies a credential. Waits a moment for what the journal says of a login that seems to be new, so that whoever
 * applies an old file is told at once.
 */
async function applied(keeper: Keeper, request: ApplyRequest): Promise<ApplyOutcome> {
  keeper.messages += 1;
  // A revocation may have been accepted between the validator and this handler.
  if (keeper.isEndWanted) throw stopping();
  const outcome = keeper.apply(request, Date.now());
  // Another application may have been accepted between the validator and this handler.
  if (typeof outcome !== 'string') throw applyRefused(outcome);
  if (!isLoginDecided(keeper, request)) {
    await CancellationScope.nonCancellable(() =>
      condition(() => isLoginDecided(keeper, request), LOGIN_CONFIRM_WAIT_MS, {
        summary: 'whoever applies waits for the journal to know the login',
      }),
    );
  }
  const refusal = loginRefusalOf(keeper, request);
  if (refusal !== undefined) throw applyRefused(refusal);
  return outcome;
}

/** A token that a refresh made. The rest of a seed token's life says nothing of how long a fresh one lives. */
function freshTokenOf({ state }: Keeper): Token | undefined {
  return state.token?.value === state.spec.seedToken?.value ? undefined : state.token;
}

function endedFailure(keeper: Keeper): ApplicationFailure {
  const { status, lastFailure } = keeper.state;
  if (status === 'failed' && lastFailure !== undefined) return failureOf(lastFailure);
  return refused('KeeperStoppedError', 'the keeper was stopped');
}

function notFreshInTime(keeper: Keeper): ApplicationFailure {
  const { generation, status } = keeper.state;
  return refused(
    'NotFreshInTimeError',
    `no fresh token in time [generation=${generation}, status=${status}]`,
  );
}

function validateApply(keeper: Keeper, request: unknown): void {
  if (!fitsApplyRequest(request)) throw notOfShape();
  if (keeper.isEndWanted || keeper.hasEnded) throw stopping();
  if (request.spec.id !== keeper.state.spec.id) {
    throw refused('ApplyRefusedError', `this keeper keeps ${keeper.state.spec.id}`);
  }
  const refusal = keeper.refusalOf(request, Date.now());
  if (refusal !== undefined) throw applyRefused(refusal);
}

/**
 * Whoever applies repeats it: another run takes the place of one that has stopped, and after a
 * failed revocation this one goes on.
 */
function stopping(): ApplicationFailure {
  return refused('KeeperStoppedError', 'the keeper is stopping');
}

function applyRefused({ refused: refusal }: Refused): ApplicationFailure {
  return refused('ApplyRefusedError', refusal.message, refusal);
}
