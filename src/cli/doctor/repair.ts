import type { FailureSummary } from '../../contract/failures.js';

/** Stands for a credentials file in what the keeper says, which does not know its name. */
const UNNAMED_FILE = 'FILE';
/** Commands that give something up: right only under the condition that the words before them name. */
const GIVES_UP = /^evertoken (forget|journal move)\b/;
const PLAIN_PATH = /^[\w./-]+$/;

/** The command that makes the credentials of a file be kept as it says. */
export function applying(file: string | undefined): string {
  return `evertoken apply -f ${fileArgument(file)}`;
}

/**
 * An operator's action taken apart: what is so, and the command that repairs it where it ends with one. A command that
 * gives something up stays in the words: whoever runs what is recommended must not lose what may still be found.
 */
export function repairOf(
  action: string,
  file: string | undefined,
): { readonly action: string; readonly repair?: string } {
  const [, words, command] = /^(.*?)(?: and|;)? run: (.*)$/.exec(action) ?? [];
  if (words === undefined || command === undefined) return { action };
  if (GIVES_UP.test(command)) return { action: withFile(action, file) };
  const repair = withFile(command, file);
  return { action: words, repair };
}

function withFile(text: string, file: string | undefined): string {
  return text.replace(/-f FILE$/, `-f ${fileArgument(file)}`);
}

/** The facts of a failure, in brackets. */
export function factsOf({ code, httpStatus }: Pick<FailureSummary, 'code' | 'httpStatus'>): string {
  return `[code=${code}${httpStatus === undefined ? '' : `, status=${httpStatus}`}]`;
}

function fileArgument(file = UNNAMED_FILE): string {
  return PLAIN_PATH.test(file) ? file : JSON.stringify(file);
}
