import { PREPARE_DEADLINE_MS } from '../policy/attempt-numbers.js';
import { WireError } from '../providers/wire-error.js';

/** What comes before a request, within `PREPARE_DEADLINE_MS`. Past it rejects as a look-up that failed; the work itself goes on. */
export async function withinPrepareDeadline<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new WireError('look_up_failed', false));
    }, PREPARE_DEADLINE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
