import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Question, Size } from './question.js';
import { QUESTIONS } from './questions.js';
import { SERVER_KINDS, type ServerKind } from './server/bench-server.js';

/** What is to be measured, and where the figures go. */
export interface BenchArguments {
  readonly isHelp: boolean;
  readonly questions: readonly Question[];
  readonly size: Size;
  readonly server: ServerKind;
  readonly rounds?: number;
  /** Folder of the JSON files. */
  readonly results: string;
  /** The page that is made of them. */
  readonly page: string;
}

const NAMES = QUESTIONS.map(({ name, title }) => `  ${name.padEnd(9)} ${title}`).join('\n');

export const USAGE = `npm run bench -- [QUESTION…] [options]

Without a question all are asked:
${NAMES}
  page      asks nothing, and writes the page anew from the JSON files

  --quick            small sizes: shows that it runs, in a minute or so each
  --medium           sizes for some twenty minutes a question on two cores; without it up to hours
  --server SERVER    dev (default) or postgres: the production server on PostgreSQL
  --rounds N         rounds of each comparison
  --results FOLDER   where the JSON files go (bench/results; with --quick bench/.quick)
  --page FILE        the page (docs/benchmarks.md; with --quick beside the JSON files)
`;

/** Reads the command line; throws an `Error` that says what is wrong with it. */
export function readArguments(args: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      medium: { type: 'boolean', default: false },
      server: { type: 'string', default: 'dev' },
      rounds: { type: 'string' },
      results: { type: 'string' },
      page: { type: 'string' },
    },
  });
  const server = SERVER_KINDS.find((kind) => kind === values.server);
  if (server === undefined) throw new Error(`no such server [server=${values.server}]`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error(`no number of rounds [rounds=${values.rounds ?? ''}]`);
  }
  const results = values.results ?? (values.quick ? 'bench/.quick' : 'bench/results');
  return {
    isHelp: values.help,
    questions: questionsNamed(positionals),
    size: sizeOf(values),
    server,
    ...(rounds === undefined ? {} : { rounds }),
    results,
    page: values.page ?? (values.quick ? join(results, 'benchmarks.md') : 'docs/benchmarks.md'),
  };
}

function sizeOf({ quick, medium }: { readonly quick: boolean; readonly medium: boolean }): Size {
  if (quick && medium) throw new Error('either --quick or --medium');
  if (quick) return 'quick';
  return medium ? 'medium' : 'full';
}

function questionsNamed(names: readonly string[]): readonly Question[] {
  if (names.length === 0) return QUESTIONS;
  return names
    .filter((name) => name !== 'page')
    .map((name) => {
      const question = QUESTIONS.find((candidate) => candidate.name === name);
      if (question === undefined) throw new Error(`no such question [name=${name}]\n\n${USAGE}`);
      return question;
    });
}
