import { UNFORCED_SPACING_MS } from '../../src/policy/keeper-numbers.js';
import { compare, greatestOf, ratioOf } from '../measure/comparison.js';
import { interleaved } from '../measure/rounds.js';
import type { Question } from '../question.js';
import { figure } from '../report/figures.js';
import {
  BARE,
  bareSide,
  FORGOTTEN,
  forgottenSide,
  KEEPER,
  keeperSide,
  loopsOf,
  METRICS,
} from './turn/sides.js';

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
      forgottenSide(context),
    ]);
    const comparisons = compare(samples, METRICS, BARE);
    const loops = loopsOf(context);
    const offered = loops / (UNFORCED_SPACING_MS / 1_000);
    const share = ratioOf(comparisons, 'turnsPerSecond', KEEPER);
    const most = greatestOf(comparisons, 'turnsPerSecond');
    // In every round: a ratio of one in which the server had time to spare says nothing.
    const isSaturated = most < offered * 0.9;
    context.progress.say(`a keeper makes ${figure(share)} of the turns of a bare loop`);
    return {
      comparisons,
      checks: [
        {
          promise: `a full keeper makes at least ${SHARE_PROMISED} of the turns of a bare loop`,
          seen: isSaturated
            ? figure(share)
            : `${figure(share)}, but the server was not always saturated`,
          holds: isSaturated && share >= SHARE_PROMISED,
        },
      ],
      notes: [
        `${loops} loops, or as many keepers, offer ${figure(offered)} turns a second at most; no round made more than ${figure(most)}, so the server was ${isSaturated ? '' : 'not always '}saturated.`,
        'SQLite reuses the space of its log, so that database bytes of a few turns are coarse. Histories are read moments before and after the turns are counted, so those per turn are not exact either.',
        `The worker of the keepers under “${FORGOTTEN}” remembers a quarter of them.`,
        'The bare loop’s worker compresses what it sends, as the SDK does unless it is told otherwise; evertoken’s sends sealed payloads, and compresses nothing.',
        'Server CPU is that of the server and of its database; the provider runs in a process that is on nobody’s bill.',
      ],
    };
  },
};
