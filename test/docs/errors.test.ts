import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-codes.js';
import { TOKEN_ERROR_CODES, TokenError } from '../../src/client/token-error.js';
import { FAILURE_CODES, FAILURE_TYPES } from '../../src/contract/failures.js';
import { STANDARD_CODES } from '../../src/policy/classify.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Rooms in which a text of this form is a code and nothing else. */
const ROOMS_OF_CODES = ['activities', 'workflows', 'client', 'keepers'];
const CODE_LITERAL = /'([a-z]+(?:_[a-z]+)+)'/g;

describe('docs/errors.md', () => {
  let page: string;
  beforeAll(async () => {
    page = await readFile(join(ROOT, 'docs/errors.md'), 'utf8');
  });

  it('explains every failure type, and none that does not exist', () => {
    const section = /^## Failures in Temporal$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(page)?.[1] ?? '';
    expect(all(section, /^### (\S+)$/gm).sort()).toEqual([...FAILURE_TYPES].sort());
  });

  it('explains every code of ours, and none that does not exist', () => {
    expect(FAILURE_CODES.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
    const { clientRejected } = STANDARD_CODES;
    const known: readonly string[] = [...FAILURE_CODES, ...clientRejected];
    const named = all(page, /`([a-z]+(?:_[a-z]+)+)`/g);
    expect(named.filter((code) => !known.includes(code))).toEqual([]);
  });

  it('gives every error of the client library the exit code of the command', () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\|.*\| (\d) +\|$/gm)];
    expect(Object.fromEntries(rows.map(([, code, exit]) => [code, Number(exit)]))).toEqual(
      Object.fromEntries(
        TOKEN_ERROR_CODES.map((code) => [code, exitCodeOf(new TokenError(code, 'acme/a', ''))]),
      ),
    );
  });
});

describe('the list of failure codes', () => {
  it('holds every code that a room makes', async () => {
    const made = (await Promise.all(ROOMS_OF_CODES.map(sourceOf))).flatMap((text) =>
      all(text, CODE_LITERAL),
    );
    const known: readonly string[] = FAILURE_CODES;
    expect(made.length).toBeGreaterThan(0);
    expect(made.filter((code) => !known.includes(code))).toEqual([]);
  });

  it('holds none that nothing makes', async () => {
    const rooms = await Promise.all([...ROOMS_OF_CODES, 'policy', 'providers'].map(sourceOf));
    const source = rooms.join('\n');
    expect(FAILURE_CODES.filter((code) => !source.includes(`'${code}'`))).toEqual([]);
  });
});

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, found]) => found ?? []);
}

async function sourceOf(room: string): Promise<string> {
  const directory = join(ROOT, 'src', room);
  const paths = (await readdir(directory, { recursive: true })).filter((path) =>
    path.endsWith('.ts'),
  );
  const texts = await Promise.all(paths.map((path) => readFile(join(directory, path), 'utf8')));
  return texts.join('\n');
}
