import type { StandInReply } from './message.js';

/** Answers one request in place of the stand-in, when it likes; `faithful` does what the provider would, and spends. */
export type Script = (faithful: () => StandInReply) => StandInReply | Promise<StandInReply>;
