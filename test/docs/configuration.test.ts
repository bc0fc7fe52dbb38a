import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { METRICS } from '../../src/contract/names.js';

const PAGE = fileURLToPath(new URL('../../docs/configuration.md', import.meta.url));

it('docs/configuration.md has every metric in its table, and no other', async () => {
  const page = await readFile(PAGE, 'utf8');
  const named = [...page.matchAll(/^\| `(evertoken_[a-z_]+)`/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual(Object.values(METRICS).sort());
});
