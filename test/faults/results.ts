import type { TryResult } from './fault-try.js';

/** All results of this run. */
export const recorded: TryResult[] = [];
