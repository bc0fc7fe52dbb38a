import type { FailureSummary } from '../../contract/failures.js';
import { adviceText, commandText, type OperatorAdvice } from '../../policy/operator-action.js';

const PLAIN_PATH = /^[\w./-]+$/;

/** The command after which the credentials of a file are kept as it says. */
export function applying(file: string | undefined): string {
  return commandText({ command: 'evertoken apply', takesFile: true }, fileArgument(file));
}

/**
 * Advice in the doctor's form: what was found, and the command that repairs it. A command that gives something up is only
 * mentioned in the text. Whoever runs the recommended command must not lose what may still be found.
 */
export function repairOf(
  advice: OperatorAdvice,
  file: string | undefined,
): { readonly action: string; readonly repair?: string } {
  const { words, command } = advice;
  if (command === undefined) return { action: words };
  if (command.givesUp === true) return { action: adviceText(advice, fileArgument(file)) };
  return { action: words, repair: commandText(command, fileArgument(file)) };
}

/** The facts of a failure, in brackets. */
export function factsOf({ code, httpStatus }: Pick<FailureSummary, 'code' | 'httpStatus'>): string {
  return `[code=${code}${httpStatus === undefined ? '' : `, status=${httpStatus}`}]`;
}

function fileArgument(file: string | undefined): string | undefined {
  return file === undefined || PLAIN_PATH.test(file) ? file : JSON.stringify(file);
}
