import type { BenchContext, Check, Question } from '../question.js';
import { figure } from '../report/figures.js';
import { RIVALS } from '../rivals/rivals.js';
import { type KillOutcome, runTrial } from './kill/kill-trial.js';
import { type KillScenario, SCENARIOS } from './kill/scenarios.js';

const SIZES = {
  quick: { credentials: 10, trials: 1 },
  medium: { credentials: 50, trials: 2 },
  full: { credentials: 50, trials: 5 },
} as const;

/** What each loses when its worker is killed at the worst moment. */
export const killQuestion: Question = {
  name: 'kill',
  title: 'Lost when the worker is killed',
  asks:
    'Credentials are refreshed at once at a provider that rotates strictly; then the worker is killed with SIGKILL and another one started. A credential is lost if its next request presents a refresh token that is spent. ' +
    'The same for evertoken, BullMQ and pg-boss.',
  rounds: { quick: SIZES.quick.trials, medium: SIZES.medium.trials, full: SIZES.full.trials },
  limitMinutes: { quick: 15, medium: 60, full: 120 },
  run: async (context) => {
    const rows: (readonly string[])[] = [];
    const checks: Check[] = [];
    for (const scenario of SCENARIOS) {
      const outcomes = await outcomesOf(context, scenario);
      rows.push(...outcomes.map(({ name, sum }) => row(scenario, name, sum)));
      const lost = outcomes.map(({ name, sum }) => `${name} ${sum.lost}`).join(', ');
      const ours = outcomes.find(({ name }) => name === 'evertoken')?.sum;
      if (!scenario.isAvoidable || ours === undefined) continue;
      checks.push({
        promise: `${scenario.name}: nothing is lost`,
        seen: `lost: ${lost}`,
        holds: ours.lost === 0 && ours.undecided === 0,
      });
    }
    return {
      checks,
      tables: [
        {
          title: 'Credentials after the kill',
          headings: [
            ...['When', 'What', 'Credentials', 'Lost', 'Kept', 'Undecided'],
            ...['Refused requests', 'Decided after, s'],
          ],
          rows,
        },
      ],
      notes: [
        'Where the answer had not come back, a provider that rotates strictly leaves nothing to be saved, by anyone; one with a grace window does.',
        'BullMQ finds the job of a dead worker after its lock of 30 s and a look every 30 s, as it is by default; pg-boss after an expiry of 30 s, looked for every 10 s (by default 15 minutes).',
        'Undecided: no request within the time of the trial.',
      ],
    };
  },
};

interface NamedOutcome {
  readonly name: string;
  readonly sum: KillOutcome;
}

/** All of them at the same time, since nothing is timed that another would slow down. */
async function outcomesOf(
  context: BenchContext,
  scenario: KillScenario,
): Promise<readonly NamedOutcome[]> {
  const { credentials } = SIZES[context.size];
  const sums = RIVALS.map(({ name }) => ({ name, outcomes: [] as KillOutcome[] }));
  for (let trial = 1; trial <= context.rounds; trial += 1) {
    context.progress.say(`${scenario.name}: trial ${trial} of ${context.rounds}`);
    const label = `${SCENARIOS.indexOf(scenario)}/${trial}`;
    await Promise.all(
      RIVALS.map(async (entry, index) => {
        const outcome = await runTrial(context, entry, scenario, credentials, label);
        context.progress.say(`  ${entry.name}: ${outcome.lost} lost, ${outcome.kept} kept`);
        sums[index]?.outcomes.push(outcome);
      }),
    );
  }
  return sums.map(({ name, outcomes }) => ({ name, sum: sumOf(outcomes) }));
}

function sumOf(outcomes: readonly KillOutcome[]): KillOutcome {
  const sum = (key: keyof KillOutcome): number =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  return {
    credentials: sum('credentials'),
    lost: sum('lost'),
    kept: sum('kept'),
    undecided: sum('undecided'),
    refused: sum('refused'),
    seconds: sum('seconds') / outcomes.length,
  };
}

function row({ name: when }: KillScenario, what: string, sum: KillOutcome): readonly string[] {
  const counts = [sum.credentials, sum.lost, sum.kept, sum.undecided, sum.refused].map(String);
  return [when, what, ...counts, figure(sum.seconds)];
}
