import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { run } from '../../src/cli/program.js';
import { CREDENTIAL_ID_PATTERN } from '../../src/contract/names.js';
import { parseDuration } from '../../src/credentials/duration.js';
import { ConfigError } from '../../src/settings/config-error.js';
import { loadConfig } from '../../src/settings/config.js';
import { ENVIRONMENT_VARIABLES } from '../../src/settings/environment.js';
import { holds, PROPERTY_TIMEOUT_MS } from './cases.js';

const SECRET = 'CANARY.c2VjcmV0/c2VjcmV0+c2VjcmV0';
const DAY_MS = 86_400_000;
const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789._/-';

describe('whatever the command line is', () => {
  let printed = '';
  beforeAll(() => {
    const keep = (text: unknown): boolean => {
      printed += String(text);
      return true;
    };
    vi.spyOn(process.stdout, 'write').mockImplementation(keep);
    vi.spyOn(process.stderr, 'write').mockImplementation(keep);
    // No command gets further than its settings, so none connects or runs on.
    vi.stubEnv('EVERTOKEN_ENCRYPTION_KEYS', SECRET);
    vi.stubEnv('EVERTOKEN_JOURNAL_DIR', tmpdir());
  });
  afterAll(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it(
    'the command ends with a listed exit code and without a stack trace or a secret',
    () =>
      holds(
        fc.asyncProperty(commandLine, async (args) => {
          printed = '';
          expect(Object.values(EXIT_CODES)).toContain(await run(args));
          expect(printed).not.toMatch(/\n {4}at |CANARY|error: unexpected/);
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

it(
  'a duration is a whole number of seconds, minutes, hours or days, or none',
  () =>
    holds(
      fc.property(fc.oneof(fc.string(), almostDuration), (text) => {
        const ms = parseDuration(text);
        expect(ms === undefined || (ms >= 0 && ms % 1_000 === 0 && ms < 1e6 * DAY_MS)).toBe(true);
        expect(ms !== undefined).toBe(/^[0-9]{1,6}[smhd]$/.test(text) && !text.endsWith('\n'));
      }),
    ),
  PROPERTY_TIMEOUT_MS,
);

it(
  'an id has only characters that are fit for a workflow ID',
  () =>
    holds(
      fc.property(almostId, (text) => {
        const isFit =
          text.length <= 200 &&
          !'._/-'.includes(text.charAt(0)) &&
          Array.from(text).every((one) => ID_CHARACTERS.includes(one));
        expect(CREDENTIAL_ID_PATTERN.test(text)).toBe(isFit);
      }),
    ),
  PROPERTY_TIMEOUT_MS,
);

it(
  'any environment is read or refused with an error that names variables and no values',
  () =>
    holds(
      fc.property(environment, (env) => {
        const message = refusalOf(env);
        if (message === undefined) return;
        expect(message).not.toContain('CANARY');
        expect(message).toContain('\n  EVERTOKEN_');
      }),
    ),
  PROPERTY_TIMEOUT_MS,
);

const almostId = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...ID_CHARACTERS.split(''), 'A'), maxLength: 300 }),
);
const almostDuration = fc
  .tuple(
    fc.integer({ min: -1, max: 9_999_999 }),
    fc.constantFrom('s', 'm', 'h', 'd', 'ms', '', 's\n'),
  )
  .map(([count, unit]) => `${count}${unit}`);

/** `dev` starts a server, and `codec` and `worker` listen, where their settings are good. */
const word = fc.oneof(
  fc.constantFrom(
    ...['apply', 'token', 'status', 'list', 'refresh', 'reauthorize', 'stop', 'keys', 'generate'],
    ...['providers', 'doctor', 'worker', 'codec', 'help', 'klavi', 'oauth2', '__proto__'],
  ),
  fc.constantFrom(
    ...['-f', '--file', '--now', '-o', '--output', 'json', 'text', '--status', '--min-validity'],
    ...['--help', '--version', '--', '-', '-x', '--output=json', '--file=', '60s', '1e9s', '-1s'],
  ),
  fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => text !== 'dev'),
);
const commandLine = fc.array(word, { maxLength: 6 });

const variable = fc.oneof(
  fc.constantFrom(...ENVIRONMENT_VARIABLES),
  fc.constantFrom('EVERTOKEN_', 'EVERTOKEN___proto__', 'EVERTOKEN_SECRET_A', 'PATH', '__proto__'),
);
const setting = fc.oneof(
  fc.constantFrom('', 'true', 'debug', ':0', '127.0.0.1:99999', '[::1]:0', 'a=1', '*.', 'http://a'),
  fc.constant(SECRET),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => `${text}${SECRET},=:${text}`),
);
const environment = fc
  .array(fc.tuple(variable, setting), { minLength: 1, maxLength: 5 })
  .map((entries) => Object.fromEntries(entries));

function refusalOf(env: NodeJS.ProcessEnv): string | undefined {
  try {
    loadConfig(env);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
