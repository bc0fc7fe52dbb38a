import { createInterface } from 'node:readline/promises';
import { CommandError, UsageError } from './errors.js';

/** Where a person is asked, so that standard output stays free for results. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** The terminal of this process; `undefined` if nobody can answer. */
export function terminalOf(process: NodeJS.Process): Terminal | undefined {
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  return isTerminal ? { input: process.stdin, output: process.stderr } : undefined;
}

/** Asks a question. Only `y` or `yes` agrees; an end of input does not. */
export async function confirmed(question: string, terminal: Terminal): Promise<boolean> {
  const lines = createInterface(terminal);
  try {
    const end = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), end]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}

/** How a command asks before it does what cannot be undone. */
export interface Agreement {
  /** By `--yes`. */
  readonly isAgreed: boolean;
  readonly command: string;
  /** What to say to a person who does not agree. */
  readonly otherwise: string;
}

/**
 * Resolves once somebody has agreed, by `--yes` or in the terminal.
 * @throws UsageError if there is no terminal to ask in, CommandError if the answer is no
 */
export async function agreedTo(question: string, agreement: Agreement): Promise<void> {
  if (agreement.isAgreed) return;
  const terminal = terminalOf(process);
  if (terminal === undefined) {
    throw new UsageError(`${agreement.command} cannot ask without a terminal; agree with --yes`);
  }
  if (!(await confirmed(question, terminal))) throw new CommandError(agreement.otherwise);
}
