import type { ProviderRequest } from '../provider/messages.js';

/** One request, and when it was to begin, both in milliseconds since the epoch. */
interface PlannedTurn {
  readonly atMs: number;
  readonly plannedMs: number;
}

/** From when until when turns are planned that are looked at, in milliseconds since the epoch. */
export interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What comes so much after a window still counts: what is cut off would be the latest. */
export const AFTER_WINDOW_MS = 5_000;

/**
 * How late those requests came that were planned within the window, in milliseconds.
 * @param plans when each credential was to be refreshed next, where requests do not say it; read before the window
 */
export function latenessWithin(
  { fromMs, untilMs }: Window,
  requests: readonly ProviderRequest[],
  plans: ReadonlyMap<string, number> = new Map(),
): readonly number[] {
  return plannedTurns(requests, plans)
    .filter(({ plannedMs }) => plannedMs >= fromMs && plannedMs < untilMs)
    .map(({ atMs, plannedMs }) => atMs - plannedMs);
}

/** A plan is that of the first request since it was read: of a later one it is not known. */
function plannedTurns(
  requests: readonly ProviderRequest[],
  plans: ReadonlyMap<string, number>,
): readonly PlannedTurn[] {
  const left = new Map(plans);
  return requests.flatMap(({ id, atMs, plannedMs = left.get(id) }) => {
    left.delete(id);
    return plannedMs === undefined ? [] : [{ atMs, plannedMs }];
  });
}
