import { UNFORCED_SPACING_MS } from '../../src/policy/keeper-numbers.js';
import { compare, medianOf, ratioOf } from '../measure/comparison.js';
import { interleaved } from '../measure/rounds.js';
import type { Question } from '../question.js';
import { figure } from '../report/figures.js';
import { BARE, bareSide, KEEPER, keeperSide, loopsOf, METRICS } from './turn/sides.js';

/** Least share of the bare loop's turns that a full keeper is to make. */
const SHARE_PROMISED = 0.85;

/** How many refreshes a server bears. */
export const turnQuestion: Question = {
  name: 'turn',
  title: 'What a turn costs',
  asks: 'Keepers whose refreshes saturate the server, against workflows that do nothing but wait on a timer and run an activity that does nothing.',
  rounds: { quick: 1, medium: 2, full: 5 },
  limitMinutes: { quick: 8, medium: 20, full: 40 },
  run: async (context) => {
    const samples = await interleaved(context.progress, context.rounds, [
      bareSide(context, BARE, []),
      keeperSide(context, KEEPER, {}),
    ]);
    const comparisons = compare(samples, METRICS, BARE);
    const loops = loopsOf(context);
    const offered = loops / (UNFORCED_SPACING_MS / 1_000);
    const share = ratioOf(comparisons, 'turnsPerSecond', KEEPER);
    const bareTurns = medianOf(comparisons, 'turnsPerSecond', BARE);
    const isSaturated = bareTurns < offered * 0.9;
    context.progress.say(`a keeper makes ${figure(share)} of the turns of a bare loop`);
    return {
      comparisons,
      checks: [
        {
          promise: `a full keeper makes at least ${SHARE_PROMISED} of the turns of a bare loop`,
          seen: isSaturated ? figure(share) : `${figure(share)}, but the server was not saturated`,
          holds: isSaturated && share >= SHARE_PROMISED,
        },
      ],
      notes: [
        `${loops} loops offer ${figure(offered)} turns a second at most; the bare loop made ${figure(bareTurns)}, so the server was ${isSaturated ? '' : 'not '}saturated.`,
        'SQLite reuses the space of its log, so that database bytes of a few turns are coarse; history bytes are exact.',
        'Server CPU is that of the server and of its database; the provider runs in a process that is on nobody’s bill.',
      ],
    };
  },
};
