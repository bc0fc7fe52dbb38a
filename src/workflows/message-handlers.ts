import { ApplicationFailure, CancellationScope, condition, setHandler } from '@temporalio/workflow';
import type { CredentialSpec, Token } from '../contract/credential.js';
import type { FailureType } from '../contract/failures.js';
import type { EnsureFreshRequest, TokenAnswer } from '../contract/messages.js';
import {
  carriedStateQuery,
  ensureFreshUpdate,
  forceRefreshSignal,
  reauthorizeUpdate,
  statusQuery,
  stopSignal,
  tokenQuery,
} from '../contract/message-definitions.js';
import { isRefused } from '../contract/refused-payload.js';
import { failureMessage } from '../policy/failure-message.js';
import { ENSURE_FRESH_WAIT_MS } from '../policy/numbers.js';
import { satisfies, unsatisfiable } from '../policy/validity.js';
import { statusAnswer, tokenAnswer } from './answers.js';
import type { Keeper } from './keeper.js';

/** Lets the keeper be queried, signalled and updated. Validators are synchronous: an async one validates nothing. */
export function handleMessages(keeper: Keeper): void {
  setHandler(tokenQuery, () => tokenAnswer(keeper), { description: 'the current token' });
  setHandler(statusQuery, () => statusAnswer(keeper), { description: 'status without secrets' });
  setHandler(carriedStateQuery, () => keeper.state, {
    description: 'whole state, for apply on a closed keeper',
  });
  setHandler(forceRefreshSignal, (request) => {
    keeper.messages += 1;
    if (!isRefused(request)) keeper.force(request ?? {}, Date.now());
  });
  setHandler(stopSignal, () => {
    keeper.messages += 1;
    keeper.isStopRequested = true;
  });
  setHandler(ensureFreshUpdate, (request) => ensureFresh(keeper, request), {
    validator: (request: EnsureFreshRequest) => {
      refuseUnsealed(request);
      const reason = unsatisfiable(freshTokenOf(keeper), request);
      if (reason !== undefined) throw refused('UnsatisfiableValidityError', reason);
    },
  });
  setHandler(
    reauthorizeUpdate,
    (spec) => {
      keeper.messages += 1;
      return keeper.apply(spec, Math.random(), Date.now());
    },
    {
      validator: (spec: CredentialSpec) => {
        validateApplication(keeper, spec);
      },
    },
  );
}

/** Waits for a token that satisfies the caller; asks for at most one refresh. */
async function ensureFresh(keeper: Keeper, request: EnsureFreshRequest): Promise<TokenAnswer> {
  keeper.messages += 1;
  const { minValidityMs } = request;
  const { generation } = keeper.state;
  // After a reset the caller may know a later generation than the keeper: the current one is then meant, or the one
  // that a refresh under way is about to make.
  const latest = keeper.isRefreshing ? generation + 1 : generation;
  const afterGeneration = Math.min(request.afterGeneration ?? -1, latest);
  const isSatisfied = (): boolean =>
    satisfies(keeper.state, { minValidityMs, afterGeneration }, Date.now());

  // A rejected client is asked about slowly: its callers must not hammer the provider with a refused secret.
  if (!isSatisfied() && keeper.state.status !== 'client-rejected') {
    keeper.force({ generation: Math.max(afterGeneration, generation) }, Date.now());
  }
  // Also while the keeper is being cancelled: then the caller is told that it has ended.
  await CancellationScope.nonCancellable(() =>
    condition(() => isSatisfied() || keeper.hasEnded, ENSURE_FRESH_WAIT_MS, {
      summary: 'a caller waits for a fresh token',
    }),
  );
  if (isSatisfied()) return tokenAnswer(keeper);
  throw keeper.hasEnded ? endedFailure(keeper) : notFreshInTime(keeper);
}

/** A token that a refresh made. The rest of a seed token's life says nothing of how long a fresh one lives. */
function freshTokenOf({ state }: Keeper): Token | undefined {
  return state.token?.value === state.spec.seedToken?.value ? undefined : state.token;
}

function endedFailure(keeper: Keeper): ApplicationFailure {
  const { status, lastFailure } = keeper.state;
  if (status === 'failed' && lastFailure !== undefined) {
    return ApplicationFailure.nonRetryable(
      failureMessage(lastFailure),
      lastFailure.type,
      lastFailure,
    );
  }
  return refused('KeeperStoppedError', 'the keeper was stopped');
}

function notFreshInTime(keeper: Keeper): ApplicationFailure {
  const { generation, status } = keeper.state;
  return refused(
    'NotFreshInTimeError',
    `no fresh token in time [generation=${generation}, status=${status}]`,
  );
}

function validateApplication(keeper: Keeper, spec: CredentialSpec): void {
  refuseUnsealed(spec);
  if (keeper.isStopRequested) throw refused('KeeperStoppedError', 'the keeper is stopping');
  if (spec.id !== keeper.state.spec.id) {
    throw refused('ApplicationRefusedError', `this keeper keeps ${keeper.state.spec.id}`);
  }
}

function refuseUnsealed(argument: unknown): void {
  if (isRefused(argument)) throw refused('ApplicationRefusedError', 'the request was not sealed');
}

function refused(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}
