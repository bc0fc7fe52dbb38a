import { drainedWhileJournaling, drainedWorker } from './drained-worker.js';
import type { Fault } from './fault.js';
import { resetKeeper, resetPastNewLogin } from './keeper-resets.js';
import { KILL_POINTS, type KillPointName } from './kill-points.js';
import { killAt } from './kills.js';
import { partition, pausedServer, pausedWorker, workerSuspendedTooLong } from './pauses.js';
import { clockSetDuringRequest, killWithWrongClock } from './wrong-clocks.js';

/** One fault, and how often it is tried in a whole campaign. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly tries: number;
  /** Whether `npm test` tries it, once. */
  readonly isQuick: boolean;
}

const POINTS = Object.keys(KILL_POINTS) as KillPointName[];
const KILLS_PER_POINT = 10;
/** Tries of each fault that is no kill. */
export const OTHER_TRIES = 4;

/** Points where `npm test` kills more than the worker: before the answer is safe, and after. */
const QUICK_POINTS: readonly KillPointName[] = ['rotated', 'journaled'];

/** Every fault of the campaign but full disks and long outages, which need a deployment of their own. */
export const PLAN: readonly PlannedFault[] = [
  ...POINTS.map((point) => kill(killAt(point, 'worker'), true)),
  ...POINTS.map((point) => kill(killAt(point, 'server'), QUICK_POINTS.includes(point))),
  ...POINTS.map((point) => kill(killAt(point, 'both'), QUICK_POINTS.includes(point))),
  other(drainedWorker, true),
  other(drainedWhileJournaling, true),
  other(pausedServer, false),
  other(partition, true),
  other(pausedWorker, true),
  other(workerSuspendedTooLong, false),
  other(resetKeeper, true),
  other(resetPastNewLogin, true),
  other(clockSetDuringRequest(1), true),
  other(clockSetDuringRequest(-1), false),
  other(killWithWrongClock(1), true),
  other(killWithWrongClock(-1), false),
];

function kill(fault: Fault, isQuick: boolean): PlannedFault {
  return { fault, tries: KILLS_PER_POINT, isQuick };
}

function other(fault: Fault, isQuick: boolean): PlannedFault {
  return { fault, tries: OTHER_TRIES, isQuick };
}
