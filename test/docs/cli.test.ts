import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CREDENTIAL_PROBLEMS } from '../../src/cli/doctor/trouble.js';
import { COMMANDS } from '../../src/cli/program.js';

const PAGE = fileURLToPath(new URL('../../docs/cli.md', import.meta.url));

it('docs/cli.md explains every problem that doctor finds of a credential, and no other', async () => {
  const table = /^\| Problem [^]*?\n\n/m.exec(await readFile(PAGE, 'utf8'))?.[0] ?? '';
  const cells = [...table.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  const named = cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name));
  expect(named.sort()).toEqual([...CREDENTIAL_PROBLEMS].sort());
});

it('docs/cli.md has every command in its table, and no other', async () => {
  const table = /^\| Command [^]*?\n\n/m.exec(await readFile(PAGE, 'utf8'))?.[0] ?? '';
  const named = [...table.matchAll(/^\| `([a-z]+)/gm)].map(([, name]) => name);
  expect([...new Set(named)].sort()).toEqual(Object.keys(COMMANDS).sort());
});
