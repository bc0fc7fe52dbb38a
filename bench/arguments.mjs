// Plain JavaScript, so that a mistake in the command line is told before the minute that the build takes.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** All questions, in the order in which they are asked and shown. */
export const QUESTION_NAMES = /** @type {const} */ ([
  'turn',
  'parts',
  'reads',
  'lateness',
  'scale',
  'herd',
  'storm',
  'restart',
  'rivals',
  'kill',
  'apply',
]);

/** In place of a question: only the page is written. */
const PAGE = 'page';

/** Servers that the benchmarks can start. */
const SERVER_KINDS = /** @type {const} */ (['dev', 'postgres']);

/**
 * What is to be measured, and where the figures go.
 *
 * @typedef {object} BenchArguments
 * @property {boolean} isHelp
 * @property {readonly (typeof QUESTION_NAMES)[number][]} questions
 * @property {import('./question.js').Size} size
 * @property {(typeof SERVER_KINDS)[number]} server
 * @property {number} [rounds]
 * @property {string} results Folder of the JSON files.
 * @property {string} page The page that is made of them.
 */

/** The command line cannot be used; the message is one line that says why. */
export class ArgumentsError extends Error {}

/**
 * Reads the command line.
 *
 * @param {readonly string[]} args
 * @returns {BenchArguments}
 * @throws {ArgumentsError}
 */
export function readArguments(args) {
  const { values, positionals } = parsed(args);
  const { quick, medium } = values;
  if (quick && medium) throw new ArgumentsError('either --quick or --medium');
  const server = SERVER_KINDS.find((kind) => kind === values.server);
  if (server === undefined) throw new ArgumentsError(`no such server [server=${values.server}]`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new ArgumentsError(`no number of rounds [rounds=${values.rounds ?? ''}]`);
  }
  const questions = questionsNamed(positionals);
  const results = values.results ?? (quick ? 'bench/.quick' : 'bench/results');
  if (questions.length === 0 && !values.help && !hasReports(results)) {
    throw new ArgumentsError(`no reports to make the page of [results=${results}]`);
  }
  return {
    isHelp: values.help,
    questions,
    size: quick ? 'quick' : medium ? 'medium' : 'full',
    server,
    ...(rounds === undefined ? {} : { rounds }),
    results,
    page: values.page ?? (quick ? join(results, 'benchmarks.md') : 'docs/benchmarks.md'),
  };
}

/** @param {readonly string[]} args */
function parsed(args) {
  try {
    return parseArgs({
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
  } catch (error) {
    // What Node says next is about other programs.
    const [said = ''] = error instanceof Error ? error.message.split(/\.? To specify|\.?\n/) : [];
    throw new ArgumentsError(said, { cause: error });
  }
}

/** @param {readonly string[]} names */
function questionsNamed(names) {
  if (names.length === 0) return QUESTION_NAMES;
  return names
    .filter((name) => name !== PAGE)
    .map((name) => {
      const question = QUESTION_NAMES.find((candidate) => candidate === name);
      if (question !== undefined) return question;
      const known = [...QUESTION_NAMES, PAGE].join(', ');
      throw new ArgumentsError(`no such question [name=${name}]; there are ${known}`);
    });
}

/** @param {string} folder */
function hasReports(folder) {
  try {
    return readdirSync(folder).some((name) => name.endsWith('.json'));
  } catch {
    return false;
  }
}
