import type { FleetPlan } from '../policy/fleet-plan.js';

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

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

/** A plan as a row of the table. A figure without a unit is a count. */
export function planRow(plan: FleetPlan): readonly string[] {
  return [
    count(plan.credentials),
    figure(plan.refreshesPerSecond),
    count(plan.workers),
    bytes(plan.workerMemoryBytes),
    plan.isEvicted ? 'yes' : 'no',
    count(plan.serverCores),
    bytes(plan.databaseBytes),
    millions(plan.actionsPerMonth),
  ];
}

/** A whole number with separated thousands. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

function millions(value: number): string {
  return value < 1_000_000_000
    ? `${figure(value / 1_000_000)} million`
    : `${figure(value / 1_000_000_000)} billion`;
}

/** A number with three significant digits. */
function figure(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function bytes(value: number): string {
  const thousands = Math.floor(Math.log10(Math.max(value, 1)) / 3);
  return `${figure(value / 1_000 ** thousands)} ${BYTE_UNITS[thousands] ?? ''}`;
}
