import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../../src/contract/credential.js';
import { builtInProviders } from '../../src/providers/index.js';

const PAGES = new URL('../../docs/providers/', import.meta.url);

/** What configuration needs where not everything has a default. */
const MINIMAL: Readonly<Record<string, JsonObject>> = {
  oauth2: { clientId: 'c', tokenEndpoint: 'https://as.example/token' },
  'oracle-commerce': { baseUrl: 'https://ccstore-z00a.oracleoutsourcing.com' },
  tavio: { orgDomain: 'acme' },
};

const property = z.looseObject({ default: z.json().optional() });
const objectSchema = z.looseObject({ properties: z.record(z.string(), property) });

function propertiesOf(schema: z.ZodType): Record<string, z.output<typeof property>> {
  return objectSchema.parse(z.toJSONSchema(schema, { io: 'input' })).properties;
}

/** Cells of the table below a heading, by the key in their first column. */
function tableBelow(page: string, heading: string): Map<string, readonly string[]> {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').flatMap((line) => {
    const [, first, ...cells] = line.split('|').map((cell) => cell.trim());
    const key = /^`(\w+)`$/.exec(first ?? '')?.[1];
    return key === undefined ? [] : [[key, cells] as const];
  });
  return new Map(rows);
}

describe.each(builtInProviders.map((provider) => ({ provider, name: provider.name })))(
  'the page of $name',
  ({ provider, name }) => {
    const page = readFile(new URL(`${name}.md`, PAGES), 'utf8');

    it('has exactly the keys of the configuration, with their defaults', async () => {
      const rows = tableBelow(await page, 'Configuration');
      const keys = propertiesOf(provider.configSchema);
      expect([...rows.keys()].sort()).toEqual(Object.keys(keys).sort());
      for (const [key, { default: value }] of Object.entries(keys)) {
        if (value === undefined) continue;
        const shown = typeof value === 'string' ? value : JSON.stringify(value);
        expect(rows.get(key)?.slice(1, 3), key).toEqual(['no', `\`${shown}\``]);
      }
    });

    it('has exactly the fields of the material, and says which the worker may read', async () => {
      const rows = tableBelow(await page, 'Material');
      expect([...rows.keys()].sort()).toEqual(
        Object.keys(propertiesOf(provider.materialSchema)).sort(),
      );
      for (const [field, [, fromWorker]] of rows) {
        expect(fromWorker, field).toBe(provider.material[field]?.isReplaced ? 'no' : 'yes');
      }
    });

    it('names every reviewed code', async () => {
      const { permanent, transient, clientRejected } = provider.configure(
        MINIMAL[name] ?? {},
      ).codes;
      for (const code of [...permanent, ...transient, ...clientRejected]) {
        expect(await page).toContain(code);
      }
    });

    it('is in the index', async () => {
      const index = await readFile(new URL('README.md', PAGES), 'utf8');
      expect(index).toContain(`[\`${name}\`](${name}.md)`);
    });
  },
);
