import { readFile } from 'node:fs/promises';
import { Ajv, type SchemaObject } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../src/contract/names.js';
import { LATE_RECORDS_CLOSE_MS } from '../../src/policy/attempt-numbers.js';
import { SHUTDOWN_FORCE_MS } from '../../src/worker/numbers.js';
import { loadConfig } from '../../src/settings/config.js';
import { ENVIRONMENT_VARIABLES } from '../../src/settings/environment.js';

interface Service {
  readonly image: string;
  readonly command?: string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports?: string[];
  readonly volumes?: string[];
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
}

async function projectFile(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** As Compose does: `${NAME:?message}` and `${NAME:-default}`. */
function interpolate(value: string, variables: Readonly<Record<string, string>>): string {
  return value.replace(
    /\$\{(\w+):([?-])([^}]*)\}/g,
    (_, name: string, kind: string, rest: string) => {
      const set = variables[name];
      if (set !== undefined) return set;
      if (kind === '?') throw new Error(`${name} ${rest}`);
      return rest;
    },
  );
}

const SECRETS = {
  POSTGRES_PASSWORD: 'database password of this test',
  EVERTOKEN_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
};

describe('docker-compose.yml', () => {
  let text: string;
  let compose: { services: Record<string, Service>; volumes: Record<string, unknown> };
  beforeAll(async () => {
    text = await projectFile('docker-compose.yml');
    compose = parse(text, { merge: true }) as typeof compose;
  });

  function service(name: string): Service {
    const found = compose.services[name];
    if (!found) throw new Error(`no service ${name}`);
    return found;
  }

  function environmentOf(name: string): Record<string, string> {
    return Object.fromEntries(
      Object.entries(service(name).environment).map(([variable, value]) => [
        variable,
        interpolate(value, SECRETS),
      ]),
    );
  }

  it('follows the Compose Specification', async () => {
    const schema = JSON.parse(
      await projectFile('test/deploy/compose-spec.json'),
    ) as SchemaObject & {
      $schema?: string;
    };
    delete schema.$schema;
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const validate = ajv.compile(schema);
    validate(compose);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { worker: { image: 1 } } })).toBe(false);
  });

  it('pins every image that is not ours', () => {
    const images = Object.values(compose.services).map(({ image }) => image);
    const foreign = images.filter((image) => image !== 'evertoken');
    expect(foreign.length).toBeGreaterThan(0);
    for (const image of foreign) expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  });

  it('holds no secret, and starts nothing without them', () => {
    for (const [name, secret] of Object.entries(SECRETS)) {
      expect(text).not.toContain(secret);
      expect(text).toContain(`\${${name}:?`);
      expect(text).not.toMatch(new RegExp(`\\$\\{${name}(\\}|:-)`));
    }
  });

  it('opens ports to this machine alone', () => {
    const ports = Object.values(compose.services).flatMap((each) => each.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it.each(['worker', 'codec'])('gives %s an environment that it accepts', (name) => {
    const environment = environmentOf(name);
    const ours = Object.keys(environment).filter((variable) => variable.startsWith('EVERTOKEN_'));
    expect(ours.filter((variable) => !ENVIRONMENT_VARIABLES.includes(variable))).toEqual([]);
    expect(() => loadConfig(environment)).not.toThrow();
    expect(environment['TEMPORAL_ADDRESS']).toBe('temporal:7233');
    expect(environment['TEMPORAL_NAMESPACE']).toBe(
      service('temporal-create-namespace').environment['TEMPORAL_NAMESPACE'],
    );
  });

  it('publishes the ports on which the services listen', () => {
    const worker = loadConfig(environmentOf('worker'));
    const codec = loadConfig(environmentOf('codec'));
    expect(service('worker').ports).toEqual([`127.0.0.1:9464:${worker.metricsAddress?.port ?? 0}`]);
    expect(service('codec').ports).toEqual([`127.0.0.1:8081:${codec.codecAddress.port}`]);
    expect(service('temporal-ui').environment['TEMPORAL_CODEC_ENDPOINT']).toBe(
      'http://localhost:8081',
    );
    const [uiPort] = service('temporal-ui').ports ?? [];
    for (const origin of codec.codecCorsOrigins) {
      expect(`127.0.0.1:${new URL(origin).port}:8080`).toBe(uiPort);
    }
  });

  it('keeps the journal in a volume', () => {
    const { journal } = loadConfig(environmentOf('worker'));
    const directory = 'directory' in journal ? journal.directory : undefined;
    expect(service('worker').volumes).toEqual([`journal:${directory ?? ''}`]);
    expect(compose.volumes).toHaveProperty('journal');
  });

  it('gives a worker more time to stop than it takes', () => {
    const seconds = /^(\d+)s$/.exec(service('worker').stop_grace_period ?? '')?.[1];
    expect(Number(seconds) * 1_000).toBeGreaterThan(SHUTDOWN_FORCE_MS + LATE_RECORDS_CLOSE_MS);
  });

  it('waits only for services that exist', () => {
    const awaited = Object.values(compose.services).flatMap((each) =>
      Object.keys(each.depends_on ?? {}),
    );
    expect(awaited.filter((name) => !(name in compose.services))).toEqual([]);
  });

  it('registers our search attributes and a retention of 30 days', async () => {
    const script = await projectFile('deploy/temporal/create-namespace.sh');
    const registered = [...script.matchAll(/--name (\w+) --type (\w+)/g)].map(
      ([, name, type]) => `${name ?? ''} ${type ?? ''}`,
    );
    const wanted = Object.values(SEARCH_ATTRIBUTES).map((name) => `${name} Keyword`);
    expect(registered.sort()).toEqual(wanted.sort());
    expect(script).toContain('--retention 30d');
  });
});

describe('Dockerfile', () => {
  it('sets only variables that evertoken knows, and runs as nobody special', async () => {
    const dockerfile = await projectFile('Dockerfile');
    const variables = [...dockerfile.matchAll(/EVERTOKEN_\w+/g)].map(([name]) => name);
    expect(variables.filter((name) => !ENVIRONMENT_VARIABLES.includes(name))).toEqual([]);
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  it('copies nothing that .dockerignore keeps out', async () => {
    const [dockerfile, ignored] = await Promise.all([
      projectFile('Dockerfile'),
      projectFile('.dockerignore'),
    ]);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, paths]) => paths?.split(' ') ?? [],
    );
    expect(copied.length).toBeGreaterThan(0);
    const kept = ignored.split('\n').flatMap((line) => (line.startsWith('!') ? line.slice(1) : []));
    expect(copied.filter((path) => !kept.includes(path))).toEqual([]);
  });
});
