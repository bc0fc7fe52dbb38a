import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError, ENVIRONMENT_VARIABLES, loadConfig } from '../src/config.js';
import type { ConfigProblem } from '../src/config.js';
import { generateKey } from '../src/encryption/key-ring.js';

const KEY = generateKey();
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
      EVERTOKEN_LOG_LEVEL: 'debug',
      EVERTOKEN_METRICS_ADDRESS: '[::1]:9464',
      EVERTOKEN_RATE_LIMITS: 'klavi=0.5, vmware-csp=20',
      EVERTOKEN_BUILD_ID: '0.2.0+f00d',
      EVERTOKEN_CODEC_ADDRESS: 'localhost:0',
      EVERTOKEN_CODEC_CORS_ORIGINS: 'https://temporal.example.com',
    });

    expect(config).toEqual({
      encryption: { allowPlaintext: true },
      journal: { directory: '/var/lib/evertoken' },
      secretsDir: '/run/secrets',
      allowedHosts: ['api.example.com', 'idp.example.com:8443', '*.example.org'],
      logLevel: 'debug',
      metricsAddress: { host: '::1', port: 9464 },
      rateLimits: { klavi: 0.5, 'vmware-csp': 20 },
      buildId: '0.2.0+f00d',
      codecAddress: { host: 'localhost', port: 0 },
      codecCorsOrigins: ['https://temporal.example.com'],
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

  it('keeps the journal in files below the working directory, or in the database of a URL', () => {
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

  it('refuses a provider that is limited twice, and limits that are not above 0', () => {
    for (const limits of [
      'klavi=1,klavi=2',
      'klavi=0',
      'klavi=-1',
      'klavi=Infinity',
      `klavi=1${'0'.repeat(400)}`,
      'klavi',
      '=1',
    ]) {
      expect(
        problemsOf({ ...PLAINTEXT, EVERTOKEN_RATE_LIMITS: limits }).map(({ variable }) => variable),
      ).toEqual(['EVERTOKEN_RATE_LIMITS']);
    }
  });
});

describe('docs/configuration.md', () => {
  const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
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
});
