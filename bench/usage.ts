import { QUESTIONS } from './questions.js';

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
