import type { BenchContext } from '../question.js';
import type { BenchProvider } from '../provider/provider.js';
import { openBullmq } from './bullmq.js';
import { openEvertoken } from './evertoken.js';
import { openPgBoss } from './pg-boss.js';
import type { Rival } from './rival.js';

/** One of those that are compared, not yet started. */
export interface RivalEntry {
  readonly name: string;
  readonly open: (context: BenchContext, provider: BenchProvider) => Promise<Rival>;
}

/** What keeps credentials fresh: evertoken, and what one would build instead. */
export const RIVALS: readonly RivalEntry[] = [
  {
    name: 'evertoken',
    open: ({ server, folder }, provider) => openEvertoken(server, folder, provider),
  },
  {
    name: 'BullMQ',
    open: ({ folder, progress }, provider) =>
      openBullmq(folder, provider, (line) => progress.say(line)),
  },
  { name: 'pg-boss', open: ({ folder }, provider) => openPgBoss(folder, provider) },
];
