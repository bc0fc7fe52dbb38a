import type { StandInReply } from './message.js';

/** Answers one request in place of the stand-in, when it likes; `faithful` does what the provider would, and spends. */
export type Script = (faithful: () => StandInReply) => StandInReply | Promise<StandInReply>;

/** What a scripted answer consists of; 200, JSON and empty where nothing is said. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Answers so, without spending anything. */
export function replyWith(answer: ScriptedAnswer): Script {
  return () => ({
    status: answer.status ?? 200,
    headers: { 'content-type': 'application/json', ...answer.headers },
    body: answer.body ?? '',
  });
}

/** Answers faithfully, but only after so many milliseconds. */
export function delayed(delayMs: number): Script {
  return (faithful) => ({ ...faithful(), delayMs });
}

/** Cuts the connection before the provider did anything. */
export function cutBeforeWork(): Script {
  return () => ({ status: 0, headers: {}, body: '', lost: 'cut' });
}

/** Cuts the connection after the work: the material is spent, the answer is lost. */
export function cutAfterWork(): Script {
  return (faithful) => ({ ...faithful(), lost: 'cut' });
}

/** Does the work and never answers. */
export function hangAfterWork(): Script {
  return (faithful) => ({ ...faithful(), lost: 'hang' });
}
