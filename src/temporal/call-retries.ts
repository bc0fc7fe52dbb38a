import type { Interceptor } from '@grpc/grpc-js';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

const SDK_RETRIES = defaultGrpcRetryOptions();

/** The server's word that a keeper takes no more callers now. */
const CROWDED = /in-flight updates/i;

/**
 * The SDK's own retries, with two exceptions, in which it would look as if nobody answered: an update is not repeated if its keeper
 * takes no more callers, and no call is repeated after its deadline. What the server said last then says more.
 */
export const callRetries: Interceptor = (options, nextCall) => {
  const deadlineMs = Number(options.deadline ?? Number.POSITIVE_INFINITY);
  let delayMs = 0;
  const retries = makeGrpcRetryInterceptor({
    retryableDecider: (attempt, status) => {
      if (CROWDED.test(status.details) || !SDK_RETRIES.retryableDecider(attempt, status)) {
        return false;
      }
      delayMs = SDK_RETRIES.delayFunction(attempt, status);
      return Date.now() + delayMs < deadlineMs;
    },
    delayFunction: () => delayMs,
  });
  return retries(options, nextCall);
};
