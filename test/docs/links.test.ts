import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/program.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OWN_COMMANDS_OF_NPM = ['ci', 'install', 'pack'];
const NOT_OURS = /(^|\/)(node_modules|dist|\.[^/]+)(\/|$)/;
const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));

interface Page {
  readonly path: string;
  readonly text: string;
}

describe('the documentation', () => {
  let pages: Page[];
  /** What stands in code, in spans and blocks, by page. */
  let codes: Page[];
  beforeAll(async () => {
    const paths = (await readdir(ROOT, { recursive: true })).filter(
      (path) => path.endsWith('.md') && !NOT_OURS.test(path),
    );
    pages = await Promise.all(
      paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })),
    );
    codes = pages.flatMap(({ path, text }) => codeOf(text).map((code) => ({ path, text: code })));
  });

  it('links only to files and headings that exist', () => {
    const dead = pages.flatMap(({ path, text }) =>
      linksOf(text)
        .filter((link) => !leadsSomewhere(pages, path, link))
        .map((link) => `${path}: ${link}`),
    );
    expect(dead).toEqual([]);
  });

  it('names only npm scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = found(codes, /\bnpm (?:run )?([a-z:]+)/g).filter(
      ([, name]) => !OWN_COMMANDS_OF_NPM.includes(name),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(([, name]) => scripts[name] === undefined)).toEqual([]);
  });

  it('names only test folders that exist', () => {
    const named = found(codes, /\bvitest run (\S+)/g);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(([, path]) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names only commands and options that evertoken has', () => {
    const lines = found(codes, /\bevertoken ((?:-|[a-z])[^\n|)&;#]*)/g).filter(
      ([, line]) => !line.startsWith('dev of this directory'),
    );
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter(([, line]) => !isCommandLine(line.trim().split(/\s+/)))).toEqual([]);
  });
});

function codeOf(markdown: string): string[] {
  const blocks = /^```[^\n]*\n([\s\S]*?)^```$/gm;
  const inBlocks = [...markdown.matchAll(blocks)].flatMap(([, code]) => code ?? []);
  const inSpans = [...markdown.replace(blocks, '').matchAll(/`([^`\n]+)`/g)];
  return [...inBlocks, ...inSpans.flatMap(([, code]) => code ?? [])];
}

function linksOf(markdown: string): string[] {
  return [...markdown.matchAll(/\]\(([^)\s]+)\)/g)]
    .flatMap(([, link]) => link ?? [])
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(pages: readonly Page[], from: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const target = file === '' ? join(ROOT, from) : resolve(ROOT, dirname(from), file);
  if (heading === undefined) return existsSync(target);
  const page = pages.find(({ path }) => path === relative(ROOT, target));
  return page !== undefined && headingsOf(page.text).includes(heading);
}

/** Headings as GitHub makes anchors of them. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

function found(pages: readonly Page[], pattern: RegExp): [path: string, what: string][] {
  return pages.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(([, what = '']): [string, string] => [path, what]),
  );
}

function isCommandLine([name = '', ...rest]: readonly string[]): boolean {
  const command = commands.find((candidate) => candidate.name() === name);
  if (command === undefined) return false;
  const inner = command.commands.find((candidate) => candidate.name() === rest[0]);
  return (
    (inner !== undefined || command.commands.length === 0) && hasOptions(inner ?? command, rest)
  );
}

function hasOptions(command: Command, words: readonly string[]): boolean {
  const known = command.options.flatMap(({ short, long }) => [short, long]);
  return words.filter((word) => /^--?[a-z]/.test(word)).every((word) => known.includes(word));
}
