import { Command, InvalidArgumentError, Option } from 'commander';
import { fleetPlan } from '../../policy/fleet-plan.js';
import { MEASURED_KEEPERS, MEASURED_REFRESHES_PER_SECOND } from '../../policy/measured-costs.js';
import { builtInProviders } from '../../providers/index.js';
import { spanArgument } from '../arguments.js';
import { outputOption, print, printJson, report, table } from '../output.js';
import type { OutputFormat } from '../output.js';
import { count, PLAN_HEADINGS, planRow } from '../plan-text.js';

/** More than any fleet has. */
const CREDENTIALS_MAX = 1_000_000_000;

interface PlanOptions {
  readonly credentials: number;
  readonly lifetime: number;
  readonly provider?: string;
  readonly output: OutputFormat;
}

/** `evertoken plan`: what a fleet of a size needs. */
export function planCommand(): Command {
  return new Command('plan')
    .description('show what so many credentials need: workers, memory, database, Temporal actions')
    .requiredOption('--credentials <count>', 'how many credentials', countArgument)
    .requiredOption('--lifetime <duration>', 'life of their tokens', spanArgument)
    .addOption(
      new Option(
        '--provider <name>',
        'their provider: a token that renews itself is refreshed earlier',
      ).choices(builtInProviders.map(({ name }) => name)),
    )
    .addOption(outputOption())
    .action(({ credentials, lifetime, provider, output }: PlanOptions) => {
      const spendsToken = builtInProviders.some(
        ({ name, spendsToken }) => name === provider && spendsToken,
      );
      const plan = fleetPlan({ credentials, lifetimeMs: lifetime, spendsToken });
      if (output === 'json') printJson(plan);
      else print(table(PLAN_HEADINGS, [planRow(plan)]));
      if (plan.isBeyondMeasured) {
        report(
          `calculated beyond what was measured: ${count(MEASURED_KEEPERS)} keepers, ` +
            `${MEASURED_REFRESHES_PER_SECOND} refreshes a second`,
        );
      }
    });
}

function countArgument(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= CREDENTIALS_MAX) return value;
  throw new InvalidArgumentError(`It must be a number from 1 to ${count(CREDENTIALS_MAX)}.`);
}
