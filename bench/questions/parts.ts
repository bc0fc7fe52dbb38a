import { PARTS } from '../bare/parts.js';
import { compare } from '../measure/comparison.js';
import { interleaved } from '../measure/rounds.js';
import type { Question } from '../question.js';
import { BARE, bareSide, KEEPER, keeperSide, METRICS } from './turn/sides.js';

/** A file system in memory, where a journal's writes cost no disk. */
const MEMORY_FOLDER = '/dev/shm';

/** What each part of a refresh costs. */
export const partsQuestion: Question = {
  name: 'parts',
  title: 'What each part of a turn costs',
  asks: 'The bare loop of `turn` with one part of a keeper added, and the keeper with one part switched off by its configuration.',
  rounds: { quick: 1, medium: 1, full: 3 },
  limitMinutes: { quick: 15, medium: 60, full: 120 },
  run: async (context) => {
    const samples = await interleaved(context.progress, context.rounds, [
      bareSide(context, BARE, []),
      ...PARTS.map((part) => bareSide(context, `bare loop + ${part}`, [part])),
      bareSide(context, 'bare loop + all parts', PARTS),
      keeperSide(context, KEEPER, {}),
      keeperSide(context, 'keeper without search attributes', {
        env: { EVERTOKEN_SEARCH_ATTRIBUTES: 'off' },
      }),
      keeperSide(context, 'keeper in plain text', { isPlaintext: true }),
      keeperSide(context, 'keeper, journal in memory', { journalParent: MEMORY_FOLDER }),
    ]);
    return {
      comparisons: compare(samples, METRICS, BARE),
      notes: [
        'The journal in memory is the shipped one in a folder of `/dev/shm`. Heartbeat, memo, status timer and summaries have no switch in a keeper; what they cost is seen on the bare loop.',
      ],
    };
  },
};
