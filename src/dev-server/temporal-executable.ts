import { readdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { defined } from '../contract/defined.js';
import { cacheDirectory } from './cache-directory.js';
import { EXECUTABLE_SUFFIX, findOnPath, run } from './child-process.js';
import { exists, makeOnce } from './make-once.js';
import { reportElapsed } from './progress.js';

/** The release of Temporal's command line tool that is built where none can be downloaded. */
const TEMPORAL_CLI_VERSION = 'v1.5.1';

/** 80 MB at 0.5 MB/s; a host that swallows packets must not hold a start for longer. */
const DOWNLOAD_TIMEOUT_MS = 3 * 60_000;

/**
 * Downloads and starts a dev server by the SDK, and stops it. A process of its own: the SDK's download cannot be
 * cancelled, and its runtime is one per process and belongs to the caller.
 */
const DOWNLOAD_SCRIPT = `
const [testing, downloadDir] = process.argv.slice(1);
require(testing)
  .TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir } },
  })
  .then((environment) => environment.teardown())
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
`;

const EXECUTABLE = `temporal${EXECUTABLE_SUFFIX}`;

/** How to look for a Temporal dev server. */
export interface FindTemporalServerOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Gets one line for each step; default standard error. */
  readonly report?: (line: string) => void;
  /** Gives up; what was half made is removed. */
  readonly signal?: AbortSignal;
}

/**
 * Path of an executable that runs `server start-dev`: `temporal` on `PATH`; else one made earlier; else the SDK's
 * download; else one built with Go, which takes minutes. The last two are kept in the cache directory.
 *
 * @throws an `Error` that names the ways to get one, when none of them works here.
 */
export async function findTemporalServer({
  env = process.env,
  report = (line) => process.stderr.write(`${line}\n`),
  signal,
}: FindTemporalServerOptions = {}): Promise<string> {
  const onPath = await findOnPath('temporal', env);
  if (onPath) return onPath;

  const cache = cacheDirectory(env);
  const downloaded = join(cache, `temporal-sdk-${sdkVersion()}`);
  const built = join(cache, `temporal-cli-${TEMPORAL_CLI_VERSION}`);
  for (const directory of [downloaded, built]) {
    if (await exists(directory)) return join(directory, EXECUTABLE);
  }

  const failures: string[] = [];
  const attempts = [
    { directory: downloaded, make: downloadTemporal },
    { directory: built, make: buildTemporal },
  ];
  for (const { directory, make } of attempts) {
    try {
      await makeOnce(directory, (empty) => make(empty, { env, report, signal }), report, signal);
      return join(directory, EXECUTABLE);
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    'no Temporal dev server can be had here. Do one of these: put the command `temporal` on PATH ' +
      '(https://docs.temporal.io/cli); let this machine reach temporal.download, from where the SDK gets it; ' +
      'install Go 1.25 or later, to build it. Or set TEMPORAL_ADDRESS to use a server that runs elsewhere ' +
      failures.map((failure) => `[${failure}]`).join(' '),
  );
}

interface MakeOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

async function downloadTemporal(directory: string, options: MakeOptions): Promise<void> {
  const { env, report, signal } = options;
  const testing = createRequire(import.meta.url).resolve('@temporalio/testing');
  await reportElapsed('downloading the Temporal dev server', report, () =>
    run(process.execPath, ['--eval', DOWNLOAD_SCRIPT, testing, directory], {
      env,
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
      ...defined({ signal }),
    }),
  );
  const name = (await readdir(directory)).find((entry) => entry.startsWith('temporal-'));
  if (!name) throw new Error('the download of the Temporal dev server left no file');
  await rename(join(directory, name), join(directory, EXECUTABLE));
}

async function buildTemporal(directory: string, options: MakeOptions): Promise<void> {
  const { env, report, signal } = options;
  const go = await findOnPath('go', env);
  if (!go) throw new Error('go is not on PATH');
  let packages = 0;
  await reportElapsed(
    'building the Temporal dev server with Go, once for this machine, some minutes',
    report,
    () =>
      run(go, ['install', '-v', `github.com/temporalio/cli/cmd/temporal@${TEMPORAL_CLI_VERSION}`], {
        env: { ...env, GOBIN: directory },
        ...defined({ signal }),
        onLine: () => (packages += 1),
      }),
    () => `${packages} packages`,
  );
}

function sdkVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('@temporalio/testing/package.json');
  if (typeof manifest === 'object' && manifest && 'version' in manifest) {
    return String(manifest.version);
  }
  throw new Error('@temporalio/testing has no version');
}
