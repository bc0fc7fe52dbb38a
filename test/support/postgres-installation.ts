import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, run } from '../../src/dev-server/child-process.js';
import { reportElapsed } from '../../src/dev-server/progress.js';

/** Oldest release that is still supported by its makers and knows `DROP DATABASE … WITH (FORCE)`. */
const OLDEST_MAJOR = 13;
/** Where Debian and Ubuntu keep releases side by side. */
const DEBIAN_RELEASES = '/usr/lib/postgresql';

/** Executables of a PostgreSQL server. */
export interface PostgresInstallation {
  readonly initdb: string;
  readonly postgres: string;
  /** What goes before a command so that it does not run as root, whom PostgreSQL refuses. */
  readonly asOrdinaryUser: readonly string[];
  /** Who must own the server's files; absent where this process is an ordinary user itself. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Finds a PostgreSQL server of release 13 or later; as root on a Debian it installs one where none is. */
export async function findPostgres(): Promise<PostgresInstallation> {
  const directory = (await findDirectory()) ?? (await installed());
  const executables = {
    initdb: join(directory, 'initdb'),
    postgres: join(directory, 'postgres'),
  };
  if (process.getuid?.() !== 0) return { ...executables, asOrdinaryUser: [] };
  const setpriv = await findOnPath('setpriv');
  if (!setpriv) {
    throw new Error('PostgreSQL refuses root: run the tests as another user, or install setpriv');
  }
  const { uid, gid } = await ordinaryUser();
  const asOrdinaryUser = [setpriv, `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  return { ...executables, asOrdinaryUser, owner: { uid, gid } };
}

async function installed(): Promise<string> {
  const aptGet = process.getuid?.() === 0 ? await findOnPath('apt-get') : undefined;
  const failure = aptGet && (await install(aptGet));
  const directory = await findDirectory();
  if (directory) return directory;
  throw new Error(
    `the tests need PostgreSQL ${OLDEST_MAJOR} or later: install it so that initdb and postgres are on PATH ` +
      `or below ${DEBIAN_RELEASES} (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql)` +
      (failure ? ` [${failure}]` : ''),
  );
}

/** What went wrong, if anything did. */
async function install(aptGet: string): Promise<string | undefined> {
  const report = (line: string): boolean => process.stderr.write(`${line}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await reportElapsed('installing PostgreSQL for the tests', report, async () => {
      await run(aptGet, ['update'], { env });
      await run(aptGet, ['install', '--yes', '--no-install-recommends', 'postgresql'], { env });
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function findDirectory(): Promise<string | undefined> {
  const onPath = await findOnPath('initdb');
  const releases = await readdir(DEBIAN_RELEASES).catch(() => []);
  const newestFirst = releases.sort((a, b) => Number(b) - Number(a));
  const candidates = [
    ...(onPath ? [join(onPath, '..')] : []),
    ...newestFirst.map((release) => join(DEBIAN_RELEASES, release, 'bin')),
  ];
  for (const directory of candidates) {
    if ((await majorOf(join(directory, 'postgres'))) >= OLDEST_MAJOR) return directory;
  }
  return undefined;
}

/** 0 where it does not run. */
async function majorOf(postgres: string): Promise<number> {
  let major = 0;
  const onLine = (line: string): void => {
    major = Number(/\(PostgreSQL\) (\d+)/.exec(line)?.[1] ?? 0);
  };
  await run(postgres, ['--version'], { onLine }).catch(() => undefined);
  return major;
}

/** The user that PostgreSQL's package made, else the one that owns nothing. */
async function ordinaryUser(): Promise<{ uid: number; gid: number }> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find(([name]) => name === wanted) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('PostgreSQL refuses root, and there is neither a user postgres nor nobody');
}
