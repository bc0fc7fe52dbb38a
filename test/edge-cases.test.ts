import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type EdgeCase, edgeCases, tableFaults } from './support/edge-case-table.js';
import { testTitles } from './support/test-titles.js';

const TESTS = fileURLToPath(new URL('.', import.meta.url));
/** The numbers under which the cases were collected; one of them came in later. */
const NUMBERS = Array.from({ length: 82 }, (_, index) => String(index + 1)).flatMap((number) =>
  number === '7' ? ['7', '7b'] : [number],
);

/** Tests of a file below `test/`; helpers and other folders hold none. */
function titlesOf(file: string): readonly string[] | undefined {
  const path = `${TESTS}${file}`;
  if (!/^[\w/-]+\.test\.ts$/.test(file) || !existsSync(path)) return undefined;
  return testTitles(readFileSync(path, 'utf8'));
}

describe('test/edge-cases.md', () => {
  const cases = edgeCases(readFileSync(`${TESTS}edge-cases.md`, 'utf8'));

  it('has an outcome and tests that exist for every edge case', () => {
    expect(tableFaults(cases, NUMBERS, titlesOf)).toEqual([]);
  });

  it('lists the cases in order', () => {
    expect(cases.map(({ number }) => number)).toEqual(NUMBERS);
  });
});

const ROW: EdgeCase = {
  number: '1',
  case: 'a case',
  outcome: 'an outcome',
  proofs: [{ file: 'a.test.ts', title: 'a > b' }],
};

describe('the check of the table', () => {
  const faults = (...rows: EdgeCase[]): readonly string[] =>
    tableFaults(rows, ['1'], (file) => (file === 'a.test.ts' ? ['a > b', 'c', 'c'] : undefined));
  const proving = (file: string, title: string): EdgeCase => ({
    ...ROW,
    proofs: [{ file, title }],
  });

  it('is content with a row whose test exists', () => {
    expect(faults(ROW)).toEqual([]);
  });

  it.each([
    ['a number has no row', [], '1 has no row'],
    ['a number has two', [ROW, ROW], '1 has two rows'],
    ['a number is unknown', [ROW, { ...ROW, number: '2' }], '2 is unknown'],
    ['there is no outcome', [{ ...ROW, outcome: '' }], '1 is not told'],
    [
      'the test file is missing',
      [proving('b.test.ts', 'a > b')],
      '1 names a test file that does not exist [file=b.test.ts]',
    ],
    [
      'the test is missing',
      [proving('a.test.ts', 'a')],
      '1 names a test that does not exist [file=a.test.ts, test=a]',
    ],
    [
      'the name is that of two tests',
      [proving('a.test.ts', 'c')],
      '1 names a test that exists more than once [file=a.test.ts, test=c]',
    ],
  ])('finds that %s', (_, rows, fault) => {
    expect(faults(...rows)).toEqual([fault]);
  });

  it('reads a row without a number as a further test of the one above', () => {
    const page = [
      '| number | case | evertoken | file | test |',
      '| ------ | ---- | --------- | ---- | ---- |',
      '| 1 | a case | an outcome | `a.test.ts` | `a > b` |',
      '| | | | `b.test.ts` | `c` |',
    ].join('\n');
    expect(edgeCases(page)).toEqual([
      { ...ROW, proofs: [...ROW.proofs, { file: 'b.test.ts', title: 'c' }] },
    ]);
  });
});

describe('the tests of a file', () => {
  it('are named by all titles that lead to them, as written', () => {
    const source = `
      it('alone', () => {});
      describe.each(rows)('$name', { timeout: 1 }, () => {
        beforeAll(start);
        describe('inner', () => {
          it.each([['a']])('of %s', () => {});
        });
        it.concurrent('together', async () => {});
      });`;
    expect(testTitles(source)).toEqual(['alone', '$name > inner > of %s', '$name > together']);
  });

  it.each([
    // A source for the parser, which must not count it; no test of this project is skipped by it.
    ['is skipped', "it.skip('a', () => {});"],
    ['may be skipped', "describe.skipIf(missing)('a', () => { it('b', () => {}); });"],
    // Likewise a source for the parser: nothing of this project is left to be written by it.
    ['is yet to be written', "it.todo('a');"],
    ['is a comment', "// it('a', () => {});"],
    ['is made by a function that nobody may call', "function suite() { it('a', () => {}); }"],
    ['is made by a loop that may not turn', "for (const one of none) it('a', () => {});"],
    ['has a title that is computed', 'it(title, () => {});'],
    ['is no test', "log('a', () => {});"],
  ])('do not count one that %s', (_, source) => {
    expect(testTitles(source)).toEqual([]);
  });
});
