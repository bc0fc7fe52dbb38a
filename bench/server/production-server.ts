import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import pg from 'pg';
import { SEARCH_ATTRIBUTES } from '../../src/contract/names.js';
import { run } from '../../src/dev-server/child-process.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { isPortFree } from '../../src/dev-server/free-port.js';
import { GuardedProcess } from '../../src/dev-server/guarded-process.js';
import { findPostgres } from '../../test/support/postgres-installation.js';
import { PostgresServer } from '../../test/support/postgres-server.js';
import { childProcesses } from '../measure/processes.js';
import { required, until } from '../measure/until.js';
import { type BenchServer, NAMESPACE } from './bench-server.js';
import { DATABASES, productionConfig, type ProductionPorts } from './production-config.js';
import { findProductionServer, type ProductionExecutables } from './production-executables.js';
import { serverVersion } from './server-version.js';

const READY_DEADLINE_MS = 60_000;
const CALL_DEADLINE_MS = 2_000;
const LOG_TAIL_CHARS = 1_000;
/** A closed keeper answers for as long. */
const RETENTION = '7 days';

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

/** Starts Temporal's production server on a PostgreSQL server of its own, both on loopback. */
export async function startProductionServer(
  folder: string,
  report: (line: string) => void,
): Promise<BenchServer> {
  const executables = await findProductionServer(report);
  const before = childProcesses();
  const postgres = await PostgresServer.create(await findPostgres());
  try {
    const url = new URL(postgres.url);
    for (const [schema, database] of Object.entries(DATABASES)) {
      await makeDatabase(
        executables,
        url,
        database,
        join(executables.schemas, schema, 'versioned'),
      );
    }
    const ports = await freePorts();
    const config = join(folder, 'temporal.yaml');
    // Of this process alone: it holds a password.
    await writeFile(config, productionConfig(url, ports), { mode: 0o600 });
    const log = join(folder, 'temporal.log');
    const server = new GuardedProcess(
      executables.server,
      ['--config-file', config, '--allow-no-auth', 'start'],
      log,
    );
    const address = `${LOOPBACK}:${ports.frontend}`;
    const stop = async (): Promise<void> => {
      await server.stop();
      await postgres.remove();
    };
    try {
      await makeNamespace(address, server);
      return {
        name: 'production server, PostgreSQL',
        version: await serverVersion(address),
        address,
        pids: childProcesses().filter((pid) => !before.includes(pid)),
        databaseBytes: () => databaseBytes(postgres.url),
        stop,
      };
    } catch (error) {
      await server.stop();
      const said = (await readFile(log, 'utf8')).slice(-LOG_TAIL_CHARS).trim();
      throw new Error(`the Temporal server did not start: ${said}`, { cause: error });
    }
  } catch (error) {
    await postgres.remove();
    throw error;
  }
}

async function makeDatabase(
  { sqlTool }: ProductionExecutables,
  url: URL,
  database: string,
  schemas: string,
): Promise<void> {
  const env = { ...process.env, SQL_PASSWORD: url.password };
  const target = [
    ...['--plugin', 'postgres12', '--endpoint', url.hostname, '--port', url.port],
    ...['--user', url.username, '--database', database],
  ];
  await run(sqlTool, [...target, 'create-database'], { env });
  await run(sqlTool, [...target, 'setup-schema', '--version', '0.0'], { env });
  await run(sqlTool, [...target, 'update-schema', '--schema-dir', schemas], { env });
}

/** The database holds ports in two signed bytes, and systems hand out higher ones. */
const PORTS = { first: 20_000, last: 32_000 } as const;

async function freePorts(): Promise<ProductionPorts> {
  const taken = new Set<number>();
  const next = async (): Promise<number> => {
    for (;;) {
      const port = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));
      if (taken.has(port) || !(await isPortFree(port))) continue;
      taken.add(port);
      return port;
    }
  };
  return {
    frontend: await next(),
    history: await next(),
    matching: await next(),
    worker: await next(),
    membership: [await next(), await next(), await next(), await next()],
  };
}

async function makeNamespace(address: string, server: GuardedProcess): Promise<void> {
  const connection = Connection.lazy({ address, connectTimeout: READY_DEADLINE_MS });
  const answers = (call: () => Promise<unknown>): Promise<boolean> => {
    if (server.hasEnded) throw new Error('the Temporal server ended while it started');
    return connection.withDeadline(Date.now() + CALL_DEADLINE_MS, call).then(
      () => true,
      () => false,
    );
  };
  try {
    await required(
      'the Temporal server',
      () =>
        answers(() =>
          connection.workflowService.registerNamespace({
            namespace: NAMESPACE,
            workflowExecutionRetentionPeriod: msToTs(RETENTION),
          }),
        ),
      READY_DEADLINE_MS,
    );
    await required(
      'the namespace',
      () =>
        answers(() =>
          connection.operatorService.addSearchAttributes({
            namespace: NAMESPACE,
            searchAttributes: Object.fromEntries(
              Object.values(SEARCH_ATTRIBUTES).map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD]),
            ),
          }),
        ),
      READY_DEADLINE_MS,
    );
    // Every part of the server reads the list of namespaces every ten seconds.
    await until(
      () =>
        answers(() =>
          connection.workflowService.listWorkflowExecutions({
            namespace: NAMESPACE,
            query: `${SEARCH_ATTRIBUTES.status} = "none"`,
          }),
        ),
      READY_DEADLINE_MS,
    );
  } finally {
    await connection.close();
  }
}

async function databaseBytes(url: string): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ bytes: string }>(
      'SELECT sum(pg_database_size(datname)) AS bytes FROM pg_database WHERE datname = ANY($1)',
      [Object.values(DATABASES)],
    );
    return Number(rows[0]?.bytes);
  } finally {
    await client.end();
  }
}
