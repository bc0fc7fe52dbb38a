/**
 * What a keeper adds to a bare loop, to be switched on one by one: `heartbeat` (a heartbeat timeout, and one heartbeat
 * of the activity), `search-attributes` (one of them changes at each turn), `memo` (of 600 bytes at each turn),
 * `encryption` (payloads are sealed), `payload` (the activity is handed, and returns, what a refresh is and returns),
 * `status-timer` (a timer beside the activity, cancelled when that is over), `summaries` (texts for the UI), `task-queue`
 * (the activity has a task queue of its own, so the server cannot hand it over with the workflow task), `request` (the
 * activity asks the provider).
 */
export const PARTS = [
  'heartbeat',
  'search-attributes',
  'memo',
  'encryption',
  'payload',
  'status-timer',
  'summaries',
  'task-queue',
  'request',
] as const;
export type Part = (typeof PARTS)[number];

/** What a bare loop does. */
export interface BareLoopInput {
  readonly periodMs: number;
  readonly parts: readonly Part[];
  /** When the first turn is due, in milliseconds since the epoch; default: at once. */
  readonly firstAtMs?: number;
  /** Turns of one run, as of a keeper, then it continues as new. */
  readonly turnsOfRun: number;
  /** Where the `request` part asks. */
  readonly url: string;
}

/** What a turn's activity is handed. */
export interface TurnRequest {
  readonly id: string;
  /** When the timer was to fire, in milliseconds since the epoch. */
  readonly plannedMs: number;
  readonly parts: readonly Part[];
  readonly url: string;
  readonly payload?: string;
}

/** Activities of the bare worker. */
export interface BareActivities {
  readonly turn: (request: TurnRequest) => Promise<string>;
}

export const BARE_TASK_QUEUE = 'bench.bare';
/** Of activities with the `task-queue` part. */
export const BARE_ACTIVITY_TASK_QUEUE = 'bench.bare.activities';
export const BARE_WORKFLOW_TYPE = 'bareLoop';
/** Loops that their worker remembers: more than are ever started, since one that is evicted is replayed at each turn. */
export const REMEMBERED_LOOPS = 20_000;
