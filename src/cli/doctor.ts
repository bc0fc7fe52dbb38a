import { Command } from 'commander';
import { commandEnvironment } from './command-environment.js';
import { ReportedFailure } from './command-error.js';
import { findings, WORKER_CHECK } from './doctor-checks.js';
import type { Finding } from './doctor-checks.js';
import { EXIT_CODES } from './exit-codes.js';
import { outputOption, print, printJson } from './output.js';
import type { OutputFormat } from './output.js';
import { withSession } from './session.js';

/** `evertoken doctor`: looks for what would keep credentials from being refreshed. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check server, keys, workers, search attributes and overdue credentials')
    .addOption(outputOption())
    .action(examine);
}

async function examine({ output }: { output: OutputFormat }): Promise<void> {
  const found: Finding[] = [];
  await withSession(commandEnvironment(), async (session) => {
    for await (const finding of findings(session)) {
      found.push(finding);
      if (output === 'text') print(findingLine(finding));
    }
  });
  if (output === 'json') printJson(found);
  const failures = found.filter(({ level }) => level === 'fail');
  if (failures.some(({ check }) => check === WORKER_CHECK)) {
    throw new ReportedFailure(EXIT_CODES.unavailable);
  }
  if (failures.length > 0) throw new ReportedFailure(EXIT_CODES.failed);
}

function findingLine({ level, check, text }: Finding): string {
  return `${level.padEnd(4)}  ${check.padEnd(18)}${text}`;
}
