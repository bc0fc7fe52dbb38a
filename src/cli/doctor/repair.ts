import type { FailureSummary } from '../../contract/failures.js';

/** Stands for a credentials file in what the keeper says, which does not know its name. */
const UNNAMED_FILE = 'FILE';
const PLAIN_PATH = /^[\w./-]+$/;

/** The command that makes the credentials of a file be kept as it says. */
export function applying(file: string | undefined): string {
  return `evertoken apply -f ${fileArgument(file)}`;
}

/** An operator's action taken apart: what is so, and the command that repairs it where it ends with one. */
export function repairOf(
  action: string,
  file: string | undefined,
): { readonly action: string; readonly repair?: string } {
  const [, words, command] = /^(.*?)(?: and|;)? run: (.*)$/.exec(action) ?? [];
  if (words === undefined || command === undefined) return { action };
  const repair = command.replace(/-f FILE$/, `-f ${fileArgument(file)}`);
  return { action: words, repair };
}

/** The facts of a failure, in brackets. */
export function factsOf({ code, httpStatus }: Pick<FailureSummary, 'code' | 'httpStatus'>): string {
  return `[code=${code}${httpStatus === undefined ? '' : `, status=${httpStatus}`}]`;
}

function fileArgument(file = UNNAMED_FILE): string {
  return PLAIN_PATH.test(file) ? file : JSON.stringify(file);
}
