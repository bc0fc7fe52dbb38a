import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CredentialsFileError } from '../../src/credentials/credentials-file-error.js';
import { parseCredentials } from '../../src/credentials/load-credentials.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';

const NOW_MS = Date.parse('2026-11-20T20:00:00Z');
const SECRET = 'canary-secret-value';

function sources(env: Record<string, string> = {}) {
  return {
    providers: createProviderRegistry(builtInProviders),
    env,
    readSecretFile: () => undefined,
    nowMs: NOW_MS,
  };
}

function problemsOf(text: string, from = sources()): string[] {
  try {
    parseCredentials(text, 'credentials.yaml', from);
  } catch (error) {
    if (error instanceof CredentialsFileError) return error.message.split('\n');
    throw error;
  }
  throw new Error('the file was accepted');
}

const klavi = (lines: string): string => `credentials:
  - id: acme/klavi
    provider: klavi
    config: { baseUrl: https://api-sandbox.klavi.ai }
${lines}`;

describe('credentials file', () => {
  it('puts a credential into the group that it names, if that can be part of a task queue’s name', () => {
    const text = (group: string): string =>
      klavi(
        `    group: ${group}\n    material: { accessToken: t, expiresAt: 2026-11-20T21:00:00Z }`,
      );
    expect(parseCredentials(text('acme-2'), 'f', sources())[0]?.group).toBe('acme-2');
    for (const group of ['Acme', 'a/b', 'a.b', '-a', 'a'.repeat(64), '7']) {
      expect(problemsOf(text(group)).join()).toContain('credential acme/klavi, field group');
    }
  });

  it.each([
    ['JSON', '{"deep":', '}'],
    ['YAML', '{ deep: ', '}'],
  ])('says of %s that it is nested too deeply, however deep that is', (_form, open, close) => {
    for (const levels of [200, 20_000]) {
      const config = `${open.repeat(levels)}1${close.repeat(levels)}`;
      const text = `{"credentials":[{"id":"a","provider":"klavi","config":${config},"material":{}}]}`;
      expect(problemsOf(text)).toEqual(['credentials.yaml: nested more than 100 levels deep']);
    }
  });

  it('reads an anchor that each credential of a fleet uses', () => {
    const entries = Array.from(
      { length: 1_000 },
      (_, index) =>
        `  - { id: a/${index}, provider: klavi, config: *shared, material: { accessToken: t${index}, expiresAt: *end } }\n`,
    );
    const text = `credentials:
  - id: first
    provider: klavi
    config: &shared { baseUrl: https://api-sandbox.klavi.ai }
    material: { accessToken: t, expiresAt: &end 2026-11-20T21:00:00Z }
${entries.join('')}`;
    const specs = parseCredentials(text, 'f', sources());
    expect(specs).toHaveLength(1_001);
    expect(specs.at(-1)?.config).toMatchObject({ baseUrl: 'https://api-sandbox.klavi.ai' });
  });

  it('refuses uses of anchors that multiply, and says so', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]\n`,
    );
    expect(problemsOf(`a0: &a0 [x]\n${levels.join('')}`)).toEqual([
      'credentials.yaml: an anchor is used too often, or its uses multiply [limit=10000]',
    ]);
  });

  it('says on which line a merge key is, and what to write in its place', () => {
    const text = `credentials:
  - { id: a, <<: &shared { provider: vmware-csp }, material: { apiToken: ${SECRET} } }
  - id: b
    <<: *shared
    material: { apiToken: ${SECRET} }`;
    const problem =
      'merge keys (<<) are not supported; write the fields out, or use an alias for a whole value, as in config: *shared';
    expect(problemsOf(text)).toEqual([2, 4].map((line) => `credentials.yaml:${line}: ${problem}`));
  });

  it.each([
    ['nothing', '', ': is empty; it must'],
    ['a comment', '# later\n', ': is empty; it must'],
    ['a list', '- { id: a }', ':1: must'],
  ])('says what belongs into a file that holds only %s', (_what, text, found) => {
    expect(problemsOf(text)).toEqual([
      `credentials.yaml${found} say credentials: and list them below it, as docs/cli.md shows`,
    ]);
  });

  it.each([
    ['- acme', 'credential number 1: must be fields, each written as name: value'],
    ['-', 'credential number 1: is empty; it must be fields, each written as name: value'],
    ['- { id: 7, provider: vmware-csp }', 'credential number 1, field id: must be text'],
    ['- { id: a, provider: }', 'credential a, field provider: is empty; it must be text'],
    [
      '- { id: a, provider: klavi, material: }',
      'credential a, field material: is empty; it must be fields, each written as name: value',
    ],
    [
      '- { id: a, provider: abitmedia, config: { rotates: "yes" }, material: { refreshToken: t } }',
      'credential a, field config.rotates: must be true or false',
    ],
  ])('says what must be in the place of what %j has there', (entry, problem) => {
    expect(problemsOf(`credentials:\n  ${entry}`)).toContain(`credentials.yaml:2: ${problem}`);
  });

  it('says on which line an anchor is used that is missing, or comes later', () => {
    const text = `credentials:
  - { id: a, provider: klavi, config: *later }
  - { id: b, provider: klavi, config: &later {}, material: *never }`;
    expect(problemsOf(text)).toEqual(
      [2, 3].map(
        (line) => `credentials.yaml:${line}: not valid YAML: an alias whose anchor is missing`,
      ),
    );
  });

  it('reads literals, variables and files into one complete credential', () => {
    const text = klavi(`    material:
      accessToken: { $env: KLAVI_TOKEN }
      expiresAt: 2026-11-20T21:00:00Z
    refresh: { lead: 3m }`);
    const [spec] = parseCredentials(text, 'f', sources({ KLAVI_TOKEN: 'token-1' }));
    expect(spec).toEqual({
      id: 'acme/klavi',
      provider: 'klavi',
      config: { baseUrl: 'https://api-sandbox.klavi.ai', api: 'monitor', rotates: true },
      material: { accessToken: 'token-1', expiresAt: '2026-11-20T21:00:00Z' },
      fingerprints: {
        accessToken: createHash('sha256').update('token-1').digest('hex'),
        expiresAt: createHash('sha256').update('2026-11-20T21:00:00Z').digest('hex'),
      },
      timing: { defaultLifetimeMs: 1_800_000, leadMs: 180_000 },
      traits: { spentField: 'accessToken', rotates: true },
      seedToken: {
        value: 'token-1',
        tokenType: 'Bearer',
        issuedAtMs: NOW_MS + 3_600_000,
        expiresAtMs: NOW_MS + 3_600_000,
      },
      seedLead: {
        shareOfLife: 0,
        leastMs: expect.any(Number) as number,
        mostMs: expect.any(Number) as number,
      },
    });
  });

  it('passes references to the worker on and fingerprints their text', () => {
    const text = `credentials:
  - { id: a, provider: vmware-csp, material: { apiToken: { $workerEnv: EVERTOKEN_SECRET_CSP } } }`;
    const [spec] = parseCredentials(text, 'f', sources());
    expect(spec?.material).toEqual({ apiToken: { $workerEnv: 'EVERTOKEN_SECRET_CSP' } });
    expect(spec?.fingerprints['apiToken']).toBe(
      createHash('sha256').update('{"$workerEnv":"EVERTOKEN_SECRET_CSP"}').digest('hex'),
    );
  });

  it('reads JSON as well', () => {
    const entry = { id: 'a', provider: 'vmware-csp', material: { apiToken: 'abc' } };
    expect(parseCredentials(JSON.stringify({ credentials: [entry] }), 'f', sources())).toHaveLength(
      1,
    );
  });

  it('refuses an unknown key with the nearest known one, its line, credential and field', () => {
    expect(problemsOf(klavi(`    materiel: { accessToken: ${SECRET} }`))).toContain(
      'credentials.yaml:5: credential acme/klavi, field materiel: unknown field; did you mean material?',
    );
  });

  it('refuses an unknown field of material, of config and of refresh', () => {
    const problems = problemsOf(`credentials:
  - id: a
    provider: abitmedia
    config: { encodin: form }
    material: { refreshTokn: ${SECRET} }
  - id: b
    provider: abitmedia
    material: { refreshToken: ${SECRET} }
    refresh: { leed: 3m }`);
    expect(problems).toContain(
      'credentials.yaml:4: credential a, field config.encodin: unknown field; did you mean encoding?',
    );
    expect(problems).toContain(
      'credentials.yaml:9: credential b, field refresh.leed: unknown field; did you mean lead?',
    );
    expect(
      problemsOf(`credentials: [{ id: a, provider: abitmedia, material: { refreshTokn: x } }]`),
    ).toContain(
      'credentials.yaml:1: credential a, field material.refreshTokn: unknown field; did you mean refreshToken?',
    );
  });

  it('does not show a name that swallowed the secret, as it does without a space after the colon', () => {
    const [problem] = problemsOf(klavi(`    material: { accessToken:${SECRET} }`));
    expect(problem).toContain('field material.(unreadable name): ');
    expect(problem).not.toContain(SECRET);
  });

  it('refuses an unknown provider with the nearest known one', () => {
    expect(problemsOf('credentials: [{ id: a, provider: klavy }]')).toEqual([
      'credentials.yaml:1: credential a, field provider: unknown provider; did you mean klavi?',
    ]);
  });

  it('names all providers where none is near the unknown one', () => {
    const [problem] = problemsOf('credentials: [{ id: a, provider: somebody-else }]');
    const names = builtInProviders.map(({ name }) => name).sort();
    expect(problem).toContain(`unknown provider; known are ${names.join(', ')}`);
  });

  it('names every problem of every credential at once', () => {
    const problems = problemsOf(`credentials:
  - id: UPPER
    provider: klavi
  - id: b
    provider: klavi
    material: { accessToken: { $env: MISSING } }
    refresh: { lead: soon }
  - id: c
    provider: klavi
    material: { accessToken: { $env: MISSING } }`);
    expect(problems.map((line) => line.split(': ').slice(1, 2).join())).toEqual([
      'credential UPPER, field id',
      'credential UPPER, field material.accessToken',
      'credential b, field refresh.lead',
      'credential b, field material.accessToken',
      'credential c, field material.accessToken',
    ]);
  });

  it('says which variable or file is missing', () => {
    const text = `credentials:
  - { id: a, provider: abitmedia, material: { refreshToken: { $env: NONE } } }
  - { id: b, provider: abitmedia, material: { refreshToken: { $file: none.txt } } }`;
    expect(problemsOf(text)).toEqual([
      'credentials.yaml:2: credential a, field material.refreshToken: environment variable is not set [name=NONE]',
      'credentials.yaml:3: credential b, field material.refreshToken: file cannot be read below the folder of secrets, or is a secret of evertoken itself [path=none.txt]; that folder is the one of the credentials file, or --secrets-dir',
    ]);
  });

  it('does not repeat a secret that stands where its variable or file should be named', () => {
    const secret = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.s3cr3t-S1gn4tur3';
    const opaque = secret.replace(/\W/g, '0');
    const text = `credentials:
  - { id: a, provider: abitmedia, material: { refreshToken: { $env: ${secret} } } }
  - { id: b, provider: abitmedia, material: { refreshToken: { $env: ${opaque} } } }
  - { id: c, provider: abitmedia, material: { refreshToken: { $file: ${secret} } } }`;
    expect(problemsOf(text)).toEqual([
      'credentials.yaml:2: credential a, field material.refreshToken: $env must name an environment variable; the value itself goes without it',
      'credentials.yaml:3: credential b, field material.refreshToken: environment variable is not set [name=[secret]]',
      'credentials.yaml:4: credential c, field material.refreshToken: file cannot be read below the folder of secrets, or is a secret of evertoken itself [path=[secret]]; that folder is the one of the credentials file, or --secrets-dir',
    ]);
  });

  it('refuses a worker reference in a field that refreshes replace', () => {
    const text = `credentials:
  - { id: a, provider: abitmedia, material: { refreshToken: { $workerEnv: EVERTOKEN_SECRET_A } } }`;
    expect(problemsOf(text)).toEqual([
      'credentials.yaml:2: credential a, field material.refreshToken: must be given as a value, $env or $file',
    ]);
  });

  it('refuses variables that configure whoever applies: a file could post the master key to a provider', () => {
    const names = [
      'EVERTOKEN_ENCRYPTION_KEYS',
      'evertoken_journal_url',
      'EVERTOKEN_SECRETS_DIR',
      'TEMPORAL_API_KEY',
      'PGPASSWORD',
    ];
    for (const name of names) {
      const text = `credentials:
  - { id: a, provider: abitmedia, material: { refreshToken: { $env: ${name} } } }`;
      const [problem] = problemsOf(text);
      expect(problem).toContain('$env may not name a variable of evertoken');
    }
    const allowed = `credentials:
  - { id: a, provider: abitmedia, material: { refreshToken: { $env: EVERTOKEN_SECRET_A } } }`;
    const [spec] = parseCredentials(allowed, 'f', sources({ EVERTOKEN_SECRET_A: 'value' }));
    expect(spec?.material).toEqual({ refreshToken: 'value' });
  });

  it('refuses a worker variable that is not meant for credentials', () => {
    const text = `credentials:
  - { id: a, provider: vmware-csp, material: { apiToken: { $workerEnv: AWS_SECRET_ACCESS_KEY } } }`;
    expect(problemsOf(text)).toEqual([
      'credentials.yaml:2: credential a, field material.apiToken: $workerEnv must name a variable of the worker that begins with EVERTOKEN_SECRET_',
    ]);
  });

  it('says that a number must be put in quotes and that a reference is misspelt', () => {
    const text = `credentials:
  - { id: a, provider: abitmedia, material: { refreshToken: 12345 } }
  - { id: b, provider: abitmedia, material: { refreshToken: { $envv: A } } }`;
    const [first, second] = problemsOf(text);
    expect(first).toMatch(/field material\.refreshToken: must be text; put it in quotes$/);
    expect(second).toMatch(/did you mean \$env\?$/);
  });

  it('prints nothing of a file whose keys are no texts', async () => {
    const warnings: Error[] = [];
    const keep = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', keep);
    problemsOf(klavi(`    material: { [${SECRET}]: accessToken }`));
    await new Promise(setImmediate);
    process.off('warning', keep);
    expect(warnings).toEqual([]);
  });

  it('does not show what is nothing like an id', () => {
    const secret = `id: "${SECRET}.UPPER"`;
    const problems = problemsOf(`credentials:\n  - { ${secret}, provider: klavi, material: {} }`);
    expect(problems[0]).toContain('credential number 1, field id: must begin with');
    expect(problems.join()).not.toContain(SECRET);
  });

  it('refuses an id that is used twice', () => {
    const text = `credentials:
  - { id: a, provider: vmware-csp, material: { apiToken: x } }
  - { id: a, provider: vmware-csp, material: { apiToken: y } }`;
    expect(problemsOf(text)).toEqual([
      'credentials.yaml:3: credential a, field id: is used twice in this file',
    ]);
  });

  it('names the missing field of material once', () => {
    expect(problemsOf('credentials: [{ id: a, provider: abitmedia }]')).toEqual([
      'credentials.yaml:1: credential a, field material.refreshToken: is missing',
    ]);
  });

  it.each([
    ['broken YAML', `credentials: [{ id: a, material: { x: "${SECRET}" }`],
    ['a stray scalar', `credentials:\n  - id: a\n ${SECRET}\n`],
    ['an unresolved alias', `credentials: [{ id: a, provider: *${SECRET} }]`],
    [
      'a token where an object belongs',
      `credentials: [{ id: a, provider: klavi, material: ${SECRET} }]`,
    ],
    [
      'a token with a line break',
      `credentials: [{ id: a, provider: klavi, material: { accessToken: "${SECRET}\\n" } }]`,
    ],
    [
      'a bad expiry',
      `credentials: [{ id: a, provider: klavi, material: { accessToken: a, expiresAt: ${SECRET} } }]`,
    ],
    [
      'a list of references',
      `credentials: [{ id: a, provider: klavi, material: { accessToken: [${SECRET}] } }]`,
    ],
  ])('never shows a value in the error of %s', (_what, text) => {
    const problems = problemsOf(text).join('\n');
    expect(problems).toMatch(/^credentials\.yaml/);
    expect(problems).not.toContain(SECRET);
  });
});
