import { createInterface } from 'node:readline/promises';

/** Where a person is asked. Standard output stays free for results. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** The terminal of this process; `undefined` where nobody can answer. */
export function terminalOf(process: NodeJS.Process): Terminal | undefined {
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  return isTerminal ? { input: process.stdin, output: process.stderr } : undefined;
}

/** Asks a question that only `y` or `yes` agrees to: an end of input does not. */
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
