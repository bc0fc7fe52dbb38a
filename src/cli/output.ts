import { Option } from 'commander';
import { visibleText } from '../contract/visible-text.js';

/** How a command prints its result. */
export type OutputFormat = 'text' | 'json';

/** The `--output` option of commands with a result. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print the result')
    .choices(['text', 'json'])
    .default('text');
}

/** Prints a result to standard output. Whatever it quotes, a terminal obeys nothing of it. */
export function print(text: string): void {
  process.stdout.write(`${visibleText(text)}\n`);
}

/** Prints progress or a remark to standard error, so that results can be piped. */
export function report(text: string): void {
  process.stderr.write(`${visibleText(text)}\n`);
}

/** Empties the screen of a terminal, so that what is printed next takes the place of what it shows. */
export function clearScreen(): void {
  process.stdout.write('\u001b[2J\u001b[H');
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** Rows below their headings. Each column is as wide as its widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) =>
    // Not by arguments of `Math.max`: a call takes some 120,000, and a fleet has more credentials.
    all.reduce((widest, row) => Math.max(widest, (row[column] ?? '').length), 0),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
