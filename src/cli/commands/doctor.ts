import { Command, InvalidArgumentError, Option } from 'commander';
import { durationArgument, waitArgument } from '../arguments.js';
import { type DoctorOptions, keepLooking, lookOnce } from '../doctor/look.js';
import {
  EXAMINATION_TIMEOUT_MS,
  EXAMINATION_INTERVAL_MIN_MS,
  EXAMINATION_INTERVAL_MS,
} from '../doctor/numbers.js';
import { outputOption } from '../output.js';
import { scopeOption } from '../scoped-file.js';
import { spanText } from '../time-text.js';

/** `evertoken doctor`: looks for what would keep credentials from being refreshed. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check server, keys, workers, and whether every credential is kept and refreshed')
    .option('-f, --file <file>', 'also find credentials of this file that nobody keeps')
    .addOption(scopeOption())
    .addOption(
      new Option('--watch [interval]', 'look again and again; print only what changes')
        .argParser(intervalArgument)
        .preset(`${EXAMINATION_INTERVAL_MS / 1_000}s`)
        .conflicts('quiet'),
    )
    .addOption(
      new Option('--timeout <duration>', 'longest time for one look')
        .argParser(waitArgument)
        .default(EXAMINATION_TIMEOUT_MS, spanText(EXAMINATION_TIMEOUT_MS)),
    )
    .option('-q, --quiet', 'print only what failed')
    .addOption(outputOption())
    .action((options: DoctorOptions) =>
      options.watch === undefined ? lookOnce(options) : keepLooking(options, options.watch),
    );
}

function intervalArgument(text: string): number {
  if (durationArgument(text) >= EXAMINATION_INTERVAL_MIN_MS) return waitArgument(text);
  throw new InvalidArgumentError(`It must be ${spanText(EXAMINATION_INTERVAL_MIN_MS)} or more.`);
}
