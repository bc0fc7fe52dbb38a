import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyRing } from '../../src/encryption/key-ring.js';
import { shared } from '../support/shared-resources.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const BESIDE_THE_CODE = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'dist',
  'docs',
  'examples',
  'package.json',
];

const execute = promisify(execFile);

describe('the packed package, installed into an empty folder', { timeout: 120_000 }, () => {
  let directory: string;
  let project: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'evertoken-packed-'));
    project = join(directory, 'project');
    await shared('commandPath'); // It is what the build makes.
    await npm(ROOT, 'pack', '--ignore-scripts', '--pack-destination', directory);
    const tarball = (await readdir(directory)).find((name) => name.endsWith('.tgz')) ?? '';
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    await npm(project, 'install', '--prefer-offline', join(directory, tarball));
  }, 240_000);

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('holds the built code and the documentation, and nothing else', async () => {
    const installed = join(project, 'node_modules/evertoken');
    expect((await readdir(installed)).sort()).toEqual(BESIDE_THE_CODE);
    const code = await readdir(join(installed, 'dist'), { recursive: true, withFileTypes: true });
    const files = code.filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(files).toContain('workflow-bundle.js');
    expect(files.filter((name) => !/\.(c?js|d\.c?ts)$/.test(name))).toEqual([]);
  });

  it('has types that a strict project of its own can use', async () => {
    await writeFile(
      join(project, 'service.ts'),
      `import { connectTokens, ConfigError } from 'evertoken';
       import type { AccessToken, ActivityWait, ConfigProblem, CredentialStatus } from 'evertoken';
       const tokens = await connectTokens();
       const answer: AccessToken = await tokens.get('acme/klavi');
       const status: CredentialStatus = await tokens.status('acme/klavi');
       export const wait: ActivityWait | undefined = status.waitsForWorker;
       export const problemsOf = (error: ConfigError): readonly ConfigProblem[] => error.problems;
       export const header: string = answer.tokenType + ' ' + answer.token;`,
    );
    await writeFile(
      join(project, 'wrong.ts'),
      `import { connectTokens } from 'evertoken';
       export const header: number = (await (await connectTokens()).get('acme/klavi')).token;`,
    );
    expect(await typeErrors(['service.ts', 'wrong.ts'])).toMatch(
      /^wrong\.ts\(2,\d+\): error TS2322.*\n$/,
    );
  });

  it('has types that need no setting of a project, since they name those of no other package', async () => {
    await writeFile(
      join(project, 'reader.ts'),
      `import { connectTokens, ConfigError } from 'evertoken';
       export const told = (error: ConfigError): string => error.message;
       export const read = async (): Promise<string> => (await (await connectTokens()).get('a')).token;`,
    );
    const commonJs = ['--module', 'commonjs', '--moduleResolution', 'node10'];
    expect(await typeErrors(['reader.ts'], commonJs)).toBe('');
    // As where a bundler's project names no types of Node.js.
    const ofBrowsers = [
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--typeRoots',
      'none',
    ];
    expect(await typeErrors(['reader.ts'], ofBrowsers)).toBe('');
    const files = await typeErrors(['reader.ts'], [...commonJs, '--types', 'node', '--listFiles']);
    const packages = [...files.matchAll(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//g)];
    const known = ['@types/node', 'evertoken', 'typescript', 'undici-types'];
    expect(packages.map(([, name = '']) => name).filter((name) => !known.includes(name))).toEqual(
      [],
    );
  });

  it('brings a command that works there', async () => {
    expect(await evertoken('--help')).toContain('Usage: evertoken');
    expect(await evertoken('providers', 'klavi')).toContain('Klavi Monitor API');
    const key = (await evertoken('keys', 'generate')).trim();
    expect(KeyRing.parse(key).sealingKeyId).toBe(key.slice(0, key.lastIndexOf(':')));
  });

  it('brings commands that open a few files of ours and not each module', async () => {
    const commands = join(project, 'node_modules/evertoken/dist/cli');
    const files = await readdir(commands);
    expect(files).toContain('main.js');
    const imports = await Promise.all(
      files.map(async (name) => {
        const code = await readFile(join(commands, name), 'utf8');
        return [...code.matchAll(/^import [^;]*from "(\.[^"]*)";|import\("(\.[^"]*)"\)/gm)];
      }),
    );
    const imported = imports.flat().map(([, from, dynamic]) => from ?? dynamic);
    expect(imported).not.toEqual([]);
    expect(imported.filter((path) => !/^\.\/[^/]+\.js$/.test(path ?? ''))).toEqual([]);
  });

  function evertoken(...args: string[]): Promise<string> {
    return outputOf(project, join(project, 'node_modules/.bin/evertoken'), args);
  }

  /** What the compiler says, also of the package's own declarations. */
  async function typeErrors(
    files: readonly string[],
    more: readonly string[] = ['--module', 'nodenext'],
  ): Promise<string> {
    const options = ['--strict', '--target', 'es2022', '--noEmit', ...more];
    try {
      return await outputOf(project, process.execPath, [TSC, ...options, ...files]);
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }
});

async function npm(cwd: string, ...args: string[]): Promise<void> {
  await execute('npm', [...args, '--silent', '--no-audit', '--no-fund'], { cwd });
}

async function outputOf(cwd: string, file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(file, args, { cwd });
  return stdout;
}
