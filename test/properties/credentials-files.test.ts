import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { CredentialSpec } from '../../src/contract/credential.js';
import { CREDENTIAL_ID_PATTERN } from '../../src/contract/names.js';
import { CredentialsFileError } from '../../src/credentials/credentials-file-error.js';
import { parseCredentials } from '../../src/credentials/load-credentials.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';
import { holds, PROPERTY_TIMEOUT_MS } from './cases.js';

/** As long and as odd as real ones; a short word in the place of a name is shown, to be found. */
const SECRET = 'CANARY.c2VjcmV0/c2VjcmV0+c2VjcmV0.c2VjcmV0';
const FILE = 'credentials.yaml';
const sources = {
  providers: createProviderRegistry(builtInProviders),
  env: new Proxy<Record<string, string>>({}, { get: () => SECRET }),
  readSecretFile: () => SECRET,
  nowMs: Date.parse('2026-11-20T20:00:00Z'),
};
const example = readFileSync(new URL('../../examples/credentials.yaml', import.meta.url), 'utf8');

describe('whatever a credentials file holds, it is read or refused with one error that shows no secret', () => {
  it('any text', () => holds(fc.property(anyText, readOrRefused)), PROPERTY_TIMEOUT_MS);

  it(
    'any JSON, also with the names of prototypes',
    () =>
      holds(
        fc.property(
          anyJson.map((value) => JSON.stringify(value)),
          readOrRefused,
        ),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'any YAML in the place of the list',
    () =>
      holds(
        fc.property(
          anyJson.map((credentials) => stringify({ credentials })),
          readOrRefused,
        ),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'a good file of which a line was lost, doubled, cut or changed',
    () => holds(fc.property(brokenExample, readOrRefused)),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'a good file of which one value is another one',
    () => holds(fc.property(wrongExample, readOrRefused)),
    PROPERTY_TIMEOUT_MS,
  );

  it('nesting without end and aliases that multiply', () => {
    const bomb = ['a: &a0 [x]'];
    for (let level = 1; level < 40; level += 1) {
      bomb.push(`a${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`);
    }
    for (const text of [bomb.join('\n'), `credentials: ${'['.repeat(100_000)}`])
      readOrRefused(text);
    for (const depth of [100, 1_000, 10_000]) {
      readOrRefused(`credentials: ${'['.repeat(depth)}${']'.repeat(depth)}`);
      readOrRefused(`credentials: ${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`);
    }
  });
});

/** Names that a careless copy would take for something else, and places where secrets are written. */
const name = fc.constantFrom(
  ...['__proto__', 'constructor', 'toString', 'credentials', 'id', 'provider', 'config', 'refresh'],
  ...['material', 'accessToken', 'refreshToken', '$env', '$file', '$workerEnv', '<<', 'lead'],
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(SECRET, '', null, true, 0, -1, 1e308, 'klavi', 'oauth2', '__proto__', '\u0000'),
  fc.constantFrom({ $env: 'A' }, { $file: 'a' }, { $workerEnv: 'PATH' }, { $env: '__proto__' }),
  fc.string({ maxLength: 20, unit: 'binary' }),
);
const { anyJson } = fc.letrec<{ anyJson: unknown }>((tie) => ({
  anyJson: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    value,
    fc.array(tie('anyJson'), { maxLength: 3 }),
    fc
      .array(fc.tuple(name, tie('anyJson')), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  ),
}));

const yamlPiece = fc.constantFrom(
  ...['credentials:', '\n', '  - ', 'id: ', 'a', ': ', '{', '}', '[', ']', '&a ', '*a', '<<: *a'],
  ...['!!binary ', '!!js/function ', '|', '>', '"', "'", '#', '\t', '---\n', '%YAML 9.9\n', '? '],
  ...['\u0000', '\uFEFF', '\uD800', `material: { accessToken: ${SECRET} }`, SECRET, '__proto__: '],
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(yamlPiece, { maxLength: 40 }).map((pieces) => pieces.join('')),
);

const lines = example
  .replaceAll(/\{ \$env: \w+ \}/g, SECRET)
  .split('\n')
  .filter((line) => !/^ *(#|$)/.test(line));
const entryTexts = lines
  .slice(1)
  .join('\n')
  .split(/(?=^ {2}- )/m);
const change = fc.record({ at: fc.nat({ max: 10 }), cut: fc.nat({ max: 40 }), by: yamlPiece });
const brokenExample = fc
  .record({
    entryText: fc.constantFrom(...entryTexts),
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  })
  .map(({ entryText, changes }) => {
    const changed = ['credentials:', ...entryText.split('\n')];
    for (const { at, cut, by } of changes) {
      const line = changed[at] ?? '';
      changed.splice(at, cut % 2, line.slice(0, cut) + by + line.slice(cut));
    }
    return changed.join('\n');
  });

const { credentials } = parse(lines.join('\n')) as { credentials: Record<string, unknown>[] };
const wrongExample = fc
  .record({
    entry: fc.constantFrom(...credentials),
    field: name,
    inner: fc.option(name),
    by: anyJson,
  })
  .map(({ entry, field, inner, by }) => {
    const before = entry[field];
    const kept = typeof before === 'object' ? before : {};
    const changed = inner === null ? by : { ...kept, [inner]: by };
    return JSON.stringify({ credentials: [{ ...entry, [field]: changed }] });
  });

function readOrRefused(text: string): void {
  const outcome = outcomeOf(text);
  if (outcome instanceof CredentialsFileError) {
    expect(outcome.message).not.toContain('CANARY');
    expect(outcome.problems.length).toBeGreaterThan(0);
    for (const line of outcome.message.split('\n'))
      expect(line).toMatch(/^credentials\.yaml(:\d+)?: ./);
  } else {
    for (const spec of outcome) expectComplete(spec);
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(OBJECT_PROTOTYPE);
}

const OBJECT_PROTOTYPE = Object.getOwnPropertyNames(Object.prototype);

function outcomeOf(text: string): readonly CredentialSpec[] | CredentialsFileError {
  try {
    return parseCredentials(text, FILE, sources);
  } catch (error) {
    if (error instanceof CredentialsFileError) return error;
    throw error;
  }
}

/** What keepers rely on, and that nothing of it is lost on the way through Temporal. */
function expectComplete(spec: CredentialSpec): void {
  expect(spec.id).toMatch(CREDENTIAL_ID_PATTERN);
  const provider = sources.providers.get(spec.provider);
  expect(provider.configSchema.safeParse(spec.config).success).toBe(true);
  expect(Object.keys(spec.fingerprints)).toEqual(Object.keys(spec.material));
  expect(spec.material).toHaveProperty(spec.traits.spentField);
  for (const ms of Object.values(spec.timing)) expect(ms).toBeGreaterThan(0);
  expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
}
