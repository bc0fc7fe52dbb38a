import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateKey, KeyRing } from '../../src/encryption/key-ring.js';
import { ConfigError, type ConfigProblem } from '../../src/settings/config-error.js';
import { loadConfig } from '../../src/settings/config.js';
import { ENVIRONMENT_VARIABLES } from '../../src/settings/environment.js';

const KEY = generateKey();
const CODEC_TOKEN = 'a'.repeat(32);
const PLAINTEXT = { EVERTOKEN_ALLOW_PLAINTEXT: 'true' };

function problemsOf(env: NodeJS.ProcessEnv): readonly ConfigProblem[] {
  return errorOf(env).problems;
}

function errorOf(env: NodeJS.ProcessEnv): ConfigError {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('loadConfig', () => {
  it('needs nothing but keys', () => {
    const config = loadConfig({ EVERTOKEN_ENCRYPTION_KEYS: KEY });

    expect(config.encryption.keyRing?.sealingKeyId).toBe(KEY.split(':')[0]);
    expect(config.encryption.allowPlaintext).toBe(false);
    expect(config.codecAddress).toEqual({ host: '127.0.0.1', port: 8081 });
    expect(config).not.toHaveProperty('allowedHosts');
  });

  it('reads every variable', () => {
    const config = loadConfig({
      EVERTOKEN_ALLOW_PLAINTEXT: 'yes',
      EVERTOKEN_JOURNAL_DIR: '/var/lib/evertoken',
      EVERTOKEN_SECRETS_DIR: '/run/secrets',
      EVERTOKEN_ALLOWED_HOSTS: 'API.example.com, idp.example.com:8443,*.Example.org',
      EVERTOKEN_SEARCH_ATTRIBUTES: 'off',
      EVERTOKEN_LOG_LEVEL: 'debug',
      EVERTOKEN_METRICS_ADDRESS: '[::1]:9464',
      EVERTOKEN_RATE_LIMITS:
        'klavi=0.5, vmware-csp=20, oauth2=50, oauth2/acme=5, oauth2/shop-2=0.1',
      EVERTOKEN_REFRESHES_AT_ONCE: '40',
      EVERTOKEN_REFRESHES_PER_HOST: '3',
      EVERTOKEN_CACHED_KEEPERS: '5000',
      EVERTOKEN_BUILD_ID: '0.2.0+f00d',
      EVERTOKEN_CODEC_ADDRESS: 'localhost:0',
      EVERTOKEN_CODEC_CORS_ORIGINS: 'https://temporal.example.com',
      EVERTOKEN_ALLOW_LOOPBACK: 'true',
      EVERTOKEN_ALLOW_CLEARTEXT: 'true',
      EVERTOKEN_WORKER_SECRETS: 'EVERTOKEN_SECRET_ACME=acme/@Auth.acme.example, file:shared/*=*',
      EVERTOKEN_CODEC_ENCODE: 'true',
      EVERTOKEN_CODEC_HOSTS: 'codec.example.com',
      EVERTOKEN_CODEC_TOKEN: CODEC_TOKEN,
      EVERTOKEN_CODEC_JWKS_URL: 'https://id.example.com/jwks',
      EVERTOKEN_CODEC_JWT_AUDIENCE: 'temporal',
      EVERTOKEN_CODEC_JWT_ISSUER: 'https://id.example.com',
      EVERTOKEN_HEALTH_ADDRESS: '0.0.0.0:8082',
    });

    expect(config).toEqual({
      encryption: { allowPlaintext: true },
      journal: { directory: '/var/lib/evertoken' },
      secretsDir: '/run/secrets',
      allowedHosts: ['api.example.com', 'idp.example.com:8443', '*.example.org'],
      logLevel: 'debug',
      searchAttributes: 'off',
      metricsAddress: { host: '::1', port: 9464 },
      rateLimits: {
        klavi: { limit: 0.5 },
        'vmware-csp': { limit: 20 },
        oauth2: { limit: 50, groups: { acme: 5, 'shop-2': 0.1 } },
      },
      refreshesAtOnce: 40,
      refreshesPerHost: 3,
      cachedKeepers: 5_000,
      buildId: '0.2.0+f00d',
      codecAddress: { host: 'localhost', port: 0 },
      codecCorsOrigins: ['https://temporal.example.com'],
      allowLoopback: true,
      allowCleartext: true,
      secretRules: [
        { secret: 'EVERTOKEN_SECRET_ACME', scope: 'acme/', host: 'auth.acme.example' },
        { secret: 'file:shared/*', scope: '*' },
      ],
      codecEncodes: true,
      codecHosts: ['codec.example.com'],
      codecCallers: {
        token: CODEC_TOKEN,
        jwt: {
          jwksUrl: 'https://id.example.com/jwks',
          audience: 'temporal',
          issuer: 'https://id.example.com',
        },
      },
      healthAddress: { host: '0.0.0.0', port: 8082 },
    });
  });

  it('refuses to go on with neither keys nor leave for plain text, and says how to make a key', () => {
    for (const env of [
      {},
      { EVERTOKEN_ALLOW_PLAINTEXT: 'false' },
      { EVERTOKEN_ENCRYPTION_KEYS: '' },
    ]) {
      expect(problemsOf(env)).toEqual([
        {
          variable: 'EVERTOKEN_ENCRYPTION_KEYS',
          reason: expect.stringContaining('evertoken keys generate') as string,
        },
      ]);
    }
  });

  it('says to a process without keys that one which only reads tokens takes reader keys', () => {
    expect(problemsOf({}).map(({ reason }) => reason)).toEqual([
      expect.stringContaining('takes EVERTOKEN_READER_KEYS instead') as string,
    ]);
  });

  it('keeps the journal in a folder below the working directory, or in the database of a URL', () => {
    expect(loadConfig(PLAINTEXT).journal).toEqual({ directory: '.evertoken/journal' });
    const url = 'postgresql://evertoken:secret@db.example.com/evertoken?sslmode=verify-full';
    expect(loadConfig({ ...PLAINTEXT, EVERTOKEN_JOURNAL_URL: url }).journal).toEqual({ url });
    const both = { EVERTOKEN_JOURNAL_DIR: '/journal', EVERTOKEN_JOURNAL_URL: url };
    expect(problemsOf({ ...PLAINTEXT, ...both })).toEqual([
      {
        variable: 'EVERTOKEN_JOURNAL_URL',
        reason: 'set beside EVERTOKEN_JOURNAL_DIR; a worker has one journal',
      },
    ]);
  });

  it('names every bad variable in one message, and no value', () => {
    const bad: Record<string, string> = {
      EVERTOKEN_ENCRYPTION_KEYS: 'main:CANARY',
      EVERTOKEN_ALLOW_PLAINTEXT: 'CANARY',
      EVERTOKEN_JOURNAL_URL: 'mysql://user:CANARY@host/database',
      EVERTOKEN_ALLOWED_HOSTS: 'https://CANARY/',
      EVERTOKEN_LOG_LEVEL: 'CANARY',
      EVERTOKEN_METRICS_ADDRESS: 'CANARY',
      EVERTOKEN_RATE_LIMITS: 'CANARY',
      EVERTOKEN_BUILD_ID: '=CANARY',
      EVERTOKEN_CODEC_ADDRESS: '127.0.0.1:99999',
      EVERTOKEN_CODEC_CORS_ORIGINS: 'https://CANARY/path',
    };

    const { problems, message } = errorOf(bad);

    expect(problems.map(({ variable }) => variable).sort()).toEqual(Object.keys(bad).sort());
    for (const name of Object.keys(bad)) expect(message).toContain(name);
    expect(message).not.toMatch(/canary/i);
  });

  it('reports missing keys beside other bad variables', () => {
    const variables = problemsOf({ EVERTOKEN_LOG_LEVEL: 'loud' }).map(({ variable }) => variable);
    expect(variables).toEqual(['EVERTOKEN_LOG_LEVEL', 'EVERTOKEN_ENCRYPTION_KEYS']);
  });

  it('reads a secret from a file where the variable with _FILE names one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-config-'));
    const file = join(folder, 'keys');
    await writeFile(file, `${KEY}\n`);
    const config = loadConfig({ EVERTOKEN_ENCRYPTION_KEYS_FILE: file });
    expect(config.encryption.keyRing?.sealingKeyId).toBe(KEY.split(':')[0]);

    const both = { EVERTOKEN_ENCRYPTION_KEYS: KEY, EVERTOKEN_ENCRYPTION_KEYS_FILE: file };
    expect(problemsOf(both)).toEqual([
      {
        variable: 'EVERTOKEN_ENCRYPTION_KEYS_FILE',
        reason: 'set beside EVERTOKEN_ENCRYPTION_KEYS',
      },
    ]);
    const none = { ...PLAINTEXT, EVERTOKEN_JOURNAL_URL_FILE: join(folder, 'CANARY') };
    expect(problemsOf(none)).toEqual([
      { variable: 'EVERTOKEN_JOURNAL_URL_FILE', reason: 'names no file with a value' },
    ]);
    await rm(folder, { recursive: true });
  });

  it('takes the keys of an owner or of a reader, and not both', () => {
    const [reader = ''] = KeyRing.parse(KEY).readerKeys('acme/');
    expect(loadConfig({ EVERTOKEN_READER_KEYS: reader }).encryption.keyRing?.isOwners).toBe(false);
    const both = { EVERTOKEN_ENCRYPTION_KEYS: KEY, EVERTOKEN_READER_KEYS: reader };
    expect(problemsOf(both).map(({ variable }) => variable)).toEqual(['EVERTOKEN_READER_KEYS']);
  });

  it('lets no codec server answer anybody beyond this machine, unless that is said', () => {
    const open = { ...PLAINTEXT, EVERTOKEN_CODEC_ADDRESS: '0.0.0.0:8081' };
    expect(problemsOf(open).map(({ variable }) => variable)).toEqual(['EVERTOKEN_CODEC_ADDRESS']);
    const jwks = { EVERTOKEN_CODEC_JWKS_URL: 'https://id.example.com/jwks' };
    expect(problemsOf({ ...open, ...jwks }).map(({ variable }) => variable)).toContain(
      'EVERTOKEN_CODEC_JWT_AUDIENCE',
    );
    for (const guard of [
      { EVERTOKEN_CODEC_TOKEN: CODEC_TOKEN },
      { ...jwks, EVERTOKEN_CODEC_JWT_AUDIENCE: 'temporal' },
      { EVERTOKEN_CODEC_OPEN: 'true' },
    ]) {
      expect(loadConfig({ ...open, ...guard }).codecAddress.host).toBe('0.0.0.0');
    }
  });

  it('refuses a rate limit of a provider that there is not', () => {
    expect(problemsOf({ ...PLAINTEXT, EVERTOKEN_RATE_LIMITS: 'klavii=5' })).toEqual([
      {
        variable: 'EVERTOKEN_RATE_LIMITS',
        reason: 'names an unknown provider [position=1]; did you mean klavi?',
      },
    ]);
  });

  it('refuses an unknown variable of its prefix and names the closest one', () => {
    expect(problemsOf({ ...PLAINTEXT, EVERTOKEN_LOGLEVEL: 'info' })).toEqual([
      {
        variable: 'EVERTOKEN_LOGLEVEL',
        reason: 'no variable of evertoken; did you mean EVERTOKEN_LOG_LEVEL?',
      },
    ]);
    expect(problemsOf({ ...PLAINTEXT, EVERTOKEN_Q: '1' })).toEqual([
      { variable: 'EVERTOKEN_Q', reason: 'no variable of evertoken' },
    ]);
  });

  it('takes a variable that a program leaves empty or undefined as absent, whatever its name', () => {
    const env = {
      EVERTOKEN_OF_OURS: undefined,
      EVERTOKEN_OF_YOURS: '',
      EVERTOKEN_LOG_LEVEL: undefined,
    };
    expect(loadConfig({ ...PLAINTEXT, ...env }).logLevel).toBe('info');
  });

  it("leaves credentials' secrets and foreign variables alone", () => {
    const env = { ...PLAINTEXT, EVERTOKEN_SECRET_KLAVI: 'x', TEMPORAL_ADDRESS: 'y', HOME: 'z' };
    expect(loadConfig(env).encryption.allowPlaintext).toBe(true);
  });

  it('takes localhost, but no other name, for the metrics, since no names are looked up', () => {
    const load = (address: string) =>
      loadConfig({ ...PLAINTEXT, EVERTOKEN_METRICS_ADDRESS: address });
    expect(load('localhost:9464').metricsAddress).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(() => load('metrics.example.com:9464')).toThrow('neither an IP address nor localhost');
  });

  it('refuses hosts with more to them than a name and a port', () => {
    for (const hosts of ['*', '*.example.com:443', 'a.*.com', 'https://a.com', 'a.com/b', 'a,,b']) {
      expect(() => loadConfig({ ...PLAINTEXT, EVERTOKEN_ALLOWED_HOSTS: hosts })).toThrow(
        'EVERTOKEN_ALLOWED_HOSTS: neither a host name',
      );
    }
  });

  it('refuses hosts of the codec server that no request names: with a port, or a * for a part', () => {
    for (const hosts of ['codec.example.com:8081', '*.example.com', 'a.com,b.com:1']) {
      expect(() => loadConfig({ ...PLAINTEXT, EVERTOKEN_CODEC_HOSTS: hosts })).toThrow(
        'EVERTOKEN_CODEC_HOSTS: not a host name without a port and without *',
      );
    }
    const env = { ...PLAINTEXT, EVERTOKEN_CODEC_HOSTS: 'Codec.example.com, codec' };
    expect(loadConfig(env).codecHosts).toEqual(['codec.example.com', 'codec']);
  });

  it('lets one host have a quarter of the refreshes at once, unless told otherwise', () => {
    const shareOf = (atOnce: string): number =>
      loadConfig({ ...PLAINTEXT, EVERTOKEN_REFRESHES_AT_ONCE: atOnce }).refreshesPerHost;
    expect([shareOf('200'), shareOf('10'), shareOf('1')]).toEqual([50, 3, 1]);
  });

  it('refuses numbers of refreshes that are none', () => {
    for (const count of ['0', '-1', '1.5', '10001', 'many']) {
      const env = { ...PLAINTEXT, EVERTOKEN_REFRESHES_PER_HOST: count };
      expect(problemsOf(env).map(({ variable }) => variable)).toEqual([
        'EVERTOKEN_REFRESHES_PER_HOST',
      ]);
    }
  });

  it('refuses a provider that is limited twice, and limits that are not above 0', () => {
    for (const limits of [
      'klavi=1,klavi=2',
      'klavi=0',
      'klavi=-1',
      'klavi=Infinity',
      `klavi=1${'0'.repeat(400)}`,
      'klavi',
      '=1',
      'oauth2/acme=1,oauth2/acme=2',
      'oauth2/=1',
      'oauth2/Acme=1',
      'oauth2/a/b=1',
    ]) {
      expect(
        problemsOf({ ...PLAINTEXT, EVERTOKEN_RATE_LIMITS: limits }).map(({ variable }) => variable),
      ).toEqual(['EVERTOKEN_RATE_LIMITS']);
    }
  });
});

describe('docs/configuration.md', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(EVERTOKEN_\w+)` +\| (?:`([^`]*)`)? *\|/gm)].map(
    ([, name = '', byDefault = '']) => ({ name, byDefault }),
  );

  it('lists every variable and no other', () => {
    expect(rows.map(({ name }) => name)).toEqual(ENVIRONMENT_VARIABLES);
  });

  it('names the defaults that hold', () => {
    const defaults = rows.filter(({ byDefault }) => byDefault !== '');
    expect(defaults.length).toBeGreaterThan(0);
    for (const { name, byDefault } of defaults) {
      const env = { EVERTOKEN_ENCRYPTION_KEYS: KEY };
      const { encryption: given, ...rest } = loadConfig({ ...env, [name]: byDefault });
      const { encryption: absent, ...restAbsent } = loadConfig(env);
      expect(rest).toEqual(restAbsent);
      expect(given.allowPlaintext).toBe(absent.allowPlaintext);
    }
  });

  it.each([
    'postgres://u:p@db.example/evertoken',
    'postgres://u:p@db.example/evertoken?sslmode=disable',
    'postgres://u:p@db.example/evertoken?sslmode=no-verify',
    'postgres://u:p@db.example/evertoken?sslmode=require&uselibpqcompat=true',
    'postgres://u:p@localhost/evertoken?host=db.example',
  ])('refuses a journal beyond this machine that is reached in clear text: %s', (url) => {
    const env = { ...PLAINTEXT, EVERTOKEN_JOURNAL_URL: url };

    expect(problemsOf(env)).toMatchObject([{ variable: 'EVERTOKEN_JOURNAL_URL' }]);
    expect(errorOf(env).message).toMatch(/sslmode=verify-full.*EVERTOKEN_ALLOW_CLEARTEXT/);
    expect(() => loadConfig({ ...env, EVERTOKEN_ALLOW_CLEARTEXT: 'true' })).not.toThrow();
  });

  it.each([
    'postgres://u:p@db.example/evertoken?sslmode=verify-full',
    'postgres://u:p@db.example/evertoken?sslmode=verify-full&uselibpqcompat=true',
    'postgres://u:p@db.example/evertoken?sslmode=prefer',
    'postgres://u:p@127.0.0.1/evertoken',
    'postgres:///evertoken?host=/var/run/postgresql',
  ])('takes a journal on this machine, or one reached by TLS: %s', (url) => {
    expect(() => loadConfig({ ...PLAINTEXT, EVERTOKEN_JOURNAL_URL: url })).not.toThrow();
  });

  it.each(['ACME=acme/', 'EVERTOKEN_SECRET_A', 'EVERTOKEN_SECRET_A=Acme', 'PATH=*', 'file:*/x=*'])(
    'refuses a rule for worker secrets that says nothing: %s',
    (rule) => {
      const [problem] = problemsOf({ ...PLAINTEXT, EVERTOKEN_WORKER_SECRETS: rule });
      expect(problem).toMatchObject({
        variable: 'EVERTOKEN_WORKER_SECRETS',
        reason: expect.stringContaining('[position=1]') as string,
      });
    },
  );
});
