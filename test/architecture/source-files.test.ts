import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAX_LINES = 250;
/** Milliseconds of each, said anew wherever a number is a multiple of one. */
const UNITS = ['SECOND_MS', 'MINUTE_MS', 'HOUR_MS', 'DAY_MS'];
/** Names that say nothing of what is inside. */
const EMPTY_NAMES = /^(utils?|helpers?|common|misc|shared|lib)(\.|$)/;

describe('every source file', () => {
  let files: { path: string; text: string }[];
  beforeAll(async () => {
    const paths = await readdir(join(ROOT, 'src'), { recursive: true });
    files = await Promise.all(
      paths
        .filter((path) => path.endsWith('.ts'))
        .map(async (path) => ({ path, text: await readFile(join(ROOT, 'src', path), 'utf8') })),
    );
    expect(files.length).toBeGreaterThan(0);
  });

  it(`has at most ${MAX_LINES} lines`, () => {
    const long = files.filter(({ text }) => text.trimEnd().split('\n').length > MAX_LINES);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('and its folders are named for what they are', () => {
    const parts = files.flatMap(({ path }) => path.split('/'));
    expect(parts.filter((part) => EMPTY_NAMES.test(basename(part)))).toEqual([]);
  });

  it('gives no two numbers one name', () => {
    const names = files.flatMap(({ text }) =>
      [...text.matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]*)(?:: [^=]+)? = [\d(]/gm)]
        .map(([, name]) => name ?? '')
        .filter((name) => !UNITS.includes(name)),
    );
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('switches no check off', () => {
    const off = files.filter(({ text }) =>
      // The pattern that no source may match, and so the one place that spells it: nothing is switched off here.
      /eslint-disable|@ts-(ignore|expect-error|nocheck)/.test(text),
    );
    expect(off.map(({ path }) => path)).toEqual([]);
  });
});

describe('the folder of tests', () => {
  let paths: string[];
  beforeAll(async () => {
    const entries = await readdir(join(ROOT, 'test'), { recursive: true, withFileTypes: true });
    paths = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(join(ROOT, 'test'), join(parentPath, name)));
  });

  it('has no two test files of one name', () => {
    const names = paths.map((path) => basename(path)).filter((name) => name.endsWith('.test.ts'));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('is mapped by its README, which names every folder', async () => {
    const page = await readFile(join(ROOT, 'test/README.md'), 'utf8');
    const mapped = [...page.matchAll(/^\| `([\w-]+)\/`/gm)].map(([, name]) => name);
    const folders = new Set(
      paths.filter((path) => path.includes('/')).map((path) => path.split('/')[0]),
    );
    expect(mapped).toEqual([...folders].sort());
  });
});
