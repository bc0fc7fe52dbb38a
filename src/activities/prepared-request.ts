import type { WireRequest } from '../providers/port.js';
import { WireError } from '../providers/wire-error.js';
import type { AttemptReport } from './attempt-report.js';
import type { AttemptTurn } from './attempt-turn.js';
import type { BoundCredential } from './bound-credential.js';
import { problemOf } from './misconfiguration.js';
import { withinPrepareDeadline } from './within-prepare-deadline.js';

/** Makes the request, within `PREPARE_DEADLINE_MS`. A look-up that fails has spent nothing. */
export async function preparedRequest(
  bound: BoundCredential,
  turn: Pick<AttemptTurn, 'lookUp' | 'now' | 'refusal'>,
  report: AttemptReport,
): Promise<WireRequest> {
  try {
    const preparing = bound.provider.prepare(bound.material, turn.lookUp, turn.now);
    const request = await withinPrepareDeadline(preparing);
    return { ...request, onlyTo: bound.onlyTo };
  } catch (error) {
    // A provider takes it for a look-up that failed.
    if (turn.refusal !== undefined) throw turn.refusal;
    if (!(error instanceof WireError)) {
      throw report.withoutAnswer('WorkerMisconfiguredError', 'unusable_material', problemOf(error));
    }
    throw error.code === 'destination_refused'
      ? report.withoutAnswer('WorkerMisconfiguredError', 'destination_refused')
      : report.withoutAnswer('TransientRefreshError', 'look_up_failed');
  }
}
