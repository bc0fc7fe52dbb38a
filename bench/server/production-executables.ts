import { join } from 'node:path';
import { cacheDirectory } from '../../src/dev-server/cache-directory.js';
import { findOnPath, run } from '../../src/dev-server/child-process.js';
import { makeOnce } from '../../src/dev-server/make-once.js';
import { reportElapsed } from '../../src/dev-server/progress.js';

/** Newer releases want a newer Go than the one that builds the dev server. */
const SERVER_VERSION = 'v1.31.2';
const MODULE = 'go.temporal.io/server';

/** What the production server consists of. */
export interface ProductionExecutables {
  readonly server: string;
  /** Makes databases and their schemas. */
  readonly sqlTool: string;
  /** Folder of the schemas of PostgreSQL 12 and later. */
  readonly schemas: string;
}

/** Builds Temporal's production server with Go, once for this machine; it takes minutes. */
export async function findProductionServer(
  report: (line: string) => void,
): Promise<ProductionExecutables> {
  const directory = join(cacheDirectory(), `temporal-server-${SERVER_VERSION}`);
  const go = await findOnPath('go');
  if (go === undefined) throw new Error('--server postgres builds Temporal: put go on PATH');
  await makeOnce(
    directory,
    (empty) =>
      reportElapsed('building the Temporal server with Go, once for this machine', report, () =>
        run(go, ['install', ...['server', 'tools/sql'].map(packageOf)], {
          env: { ...process.env, GOBIN: empty },
        }),
      ),
    report,
  );
  return {
    server: join(directory, 'server'),
    sqlTool: join(directory, 'sql'),
    schemas: join(await moduleFolder(go), 'schema/postgresql/v12'),
  };
}

function packageOf(command: string): string {
  return `${MODULE}/cmd/${command}@${SERVER_VERSION}`;
}

async function moduleFolder(go: string): Promise<string> {
  const lines: string[] = [];
  await run(go, ['mod', 'download', '-json', `${MODULE}@${SERVER_VERSION}`], {
    onLine: (line) => lines.push(line),
  });
  const folder = /"Dir": "([^"]+)"/.exec(lines.join('\n'))?.[1];
  if (folder === undefined) throw new Error(`go does not say where ${MODULE} is`);
  return folder;
}
