import { Command, InvalidArgumentError } from 'commander';
import { type FleetPlan, fleetPlan } from '../../policy/fleet-plan.js';
import { MEASURED_KEEPERS, MEASURED_REFRESHES_PER_SECOND } from '../../policy/measured-costs.js';
import { durationArgument } from '../arguments.js';
import { outputOption, print, printJson, report, table } from '../output.js';
import type { OutputFormat } from '../output.js';

/** More than any fleet has. */
const CREDENTIALS_MAX = 1_000_000_000;
const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

interface PlanOptions {
  readonly credentials: number;
  readonly lifetime: number;
  readonly output: OutputFormat;
}

/** Headings of the table of plans. */
export const PLAN_HEADINGS = [
  'CREDENTIALS',
  'REFRESHES/S',
  'WORKERS',
  'MEMORY EACH',
  'EVICTED',
  'SERVER CORES',
  'DATABASE',
  'ACTIONS/MONTH',
] as const;

/** `evertoken plan`: what a fleet of a size needs. */
export function planCommand(): Command {
  return new Command('plan')
    .description('show what so many credentials need: workers, memory, database, Temporal actions')
    .requiredOption('--credentials <count>', 'how many credentials', countArgument)
    .requiredOption('--lifetime <duration>', 'life of their tokens', lifetimeArgument)
    .addOption(outputOption())
    .action(({ credentials, lifetime, output }: PlanOptions) => {
      const plan = fleetPlan({ credentials, lifetimeMs: lifetime });
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

/** A plan as a row of the table; without a unit a figure is a count. */
export function planRow(plan: FleetPlan): readonly string[] {
  return [
    count(plan.credentials),
    figure(plan.refreshesPerSecond),
    count(plan.workers),
    bytes(plan.workerMemoryBytes),
    `${Math.round(plan.evictedShare * 100)} %`,
    count(plan.serverCores),
    bytes(plan.databaseBytes),
    millions(plan.actionsPerMonth),
  ];
}

function countArgument(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= CREDENTIALS_MAX) return value;
  throw new InvalidArgumentError(`It must be a number from 1 to ${count(CREDENTIALS_MAX)}.`);
}

function lifetimeArgument(text: string): number {
  const ms = durationArgument(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('It must be longer than nothing.');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function millions(value: number): string {
  return value < 1_000_000_000
    ? `${figure(value / 1_000_000)} million`
    : `${figure(value / 1_000_000_000)} billion`;
}

/** Three digits that count. */
function figure(value: number): string {
  return count(Number(value.toPrecision(3)));
}

function bytes(value: number): string {
  const thousands = Math.floor(Math.log10(Math.max(value, 1)) / 3);
  return `${figure(value / 1_000 ** thousands)} ${BYTE_UNITS[thousands] ?? ''}`;
}
