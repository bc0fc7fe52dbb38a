import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseCredentials } from '../../src/credentials/load-credentials.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';

const FILE = new URL('../../examples/credentials.yaml', import.meta.url);

it('the example credentials file is valid and has every provider', () => {
  const text = readFileSync(FILE, 'utf8');
  const variables = [...text.matchAll(/\$env: (\w+) \}/g)].map(([, name]) => [name, 'secret']);
  const specs = parseCredentials(text, 'examples/credentials.yaml', {
    providers: createProviderRegistry(builtInProviders),
    env: Object.fromEntries(variables) as Record<string, string>,
    readSecretFile: () => undefined,
    nowMs: Date.now(),
  });
  expect(new Set(specs.map(({ provider }) => provider))).toEqual(
    new Set(builtInProviders.map(({ name }) => name)),
  );
});
