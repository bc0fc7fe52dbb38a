/** One known way to lose a credential, what evertoken does about it, and the tests that prove it. */
export interface EdgeCase {
  readonly number: string;
  readonly case: string;
  readonly outcome: string;
  readonly proofs: readonly Proof[];
}

/** A test by its file below `test/` and its full name as `testTitles` gives it. */
export interface Proof {
  readonly file: string;
  readonly title: string;
}

/** Reads the rows of all tables of the page; a row without a number names a further test of the case above it. */
export function edgeCases(page: string): readonly EdgeCase[] {
  const cases: (EdgeCase & { proofs: Proof[] })[] = [];
  for (const [number = '', text = '', outcome = '', file = '', title = ''] of rowsOf(page)) {
    if (number !== '') cases.push({ number, case: text, outcome, proofs: [] });
    cases.at(-1)?.proofs.push({ file: unquoted(file), title: unquoted(title) });
  }
  return cases;
}

/** What is wrong with the table; `titlesOf` gives the tests of a file, or `undefined` where there is none. */
export function tableFaults(
  cases: readonly EdgeCase[],
  numbers: readonly string[],
  titlesOf: (file: string) => readonly string[] | undefined,
): readonly string[] {
  const listed = cases.map(({ number }) => number);
  return [
    ...numbers.filter((number) => !listed.includes(number)).map((number) => `${number} has no row`),
    ...listed.filter((number) => !numbers.includes(number)).map((number) => `${number} is unknown`),
    ...listed
      .filter((number, index) => listed.indexOf(number) !== index)
      .map((number) => `${number} has two rows`),
    ...cases
      .filter((row) => row.case === '' || row.outcome === '')
      .map(({ number }) => `${number} is not told`),
    ...cases.flatMap(({ number, proofs }) =>
      proofs.flatMap((proof) => {
        const fault = proofFault(proof, titlesOf(proof.file));
        return fault === undefined ? [] : [`${number} ${fault}`];
      }),
    ),
  ];
}

function proofFault(
  { file, title }: Proof,
  titles: readonly string[] | undefined,
): string | undefined {
  if (titles === undefined) return `names a test file that does not exist [file=${file}]`;
  const count = titles.filter((known) => known === title).length;
  if (count === 1) return undefined;
  const problem = count === 0 ? 'does not exist' : 'exists more than once';
  return `names a test that ${problem} [file=${file}, test=${title}]`;
}

function rowsOf(page: string): readonly (readonly string[])[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| *(-+|number) *\|/.test(line))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

function unquoted(cell: string): string {
  return /^`([^`]+)`$/.exec(cell)?.[1] ?? cell;
}
