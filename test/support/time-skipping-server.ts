import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { cacheDirectory } from '../../src/dev-server/cache-directory.js';
import { findOnPath, run } from '../../src/dev-server/child-process.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { exists, makeOnce } from '../../src/dev-server/make-once.js';
import { reportElapsed } from '../../src/dev-server/progress.js';

/** The release that is fetched with Maven where the SDK cannot download its own. */
const TEST_SERVER_VERSION = '1.38.0';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>evertoken</groupId>
  <artifactId>temporal-test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${TEST_SERVER_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-nop</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * The SDK starts a test server with its port as the only argument, and gives it 5 s. An archive of its classes halves the
 * time that it takes.
 */
const LAUNCHER = `#!/bin/sh
cd "$(dirname "$0")" || exit 1
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "\${CLASS_ARCHIVE:--XX:SharedArchiveFile=classes.jsa}" \\
  -cp 'lib/*' io.temporal.testserver.TestServer "$@"
`;

/** How the SDK gets the time-skipping server, or why this machine has none. */
export type TimeSkippingServer =
  | { readonly executable: { type: 'cached-download'; downloadDir: string } }
  | { readonly executable: { type: 'existing-path'; path: string } }
  | { readonly missing: string };

/** Temporal's time-skipping test server: the SDK's download, else its Java artifact by Maven. */
export async function findTimeSkippingServer(): Promise<TimeSkippingServer> {
  const launcherDirectory = join(cacheDirectory(), `time-skipping-server-${TEST_SERVER_VERSION}`);
  const launcher = {
    executable: { type: 'existing-path' as const, path: join(launcherDirectory, 'launch') },
  };
  if (await exists(launcherDirectory)) return launcher;

  const report = (line: string): boolean => process.stderr.write(`${line}\n`);
  const downloadDir = join(cacheDirectory(), 'temporal-test-server-download');
  const download = { executable: { type: 'cached-download' as const, downloadDir } };
  await mkdir(downloadDir, { recursive: true });
  try {
    const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: download });
    await environment.teardown();
    return download;
  } catch {
    report('the SDK cannot download its time-skipping test server; trying Maven');
  }

  const [java, maven] = await Promise.all([findOnPath('java'), findOnPath('mvn')]);
  if (!java || !maven) {
    return {
      missing: 'temporal.download cannot be reached, and java and mvn are not both on PATH',
    };
  }
  try {
    await makeOnce(launcherDirectory, (directory) => fetchJars(maven, directory, report), report);
    return launcher;
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

async function fetchJars(
  maven: string,
  directory: string,
  report: (line: string) => void,
): Promise<void> {
  const pom = join(directory, 'pom.xml');
  await writeFile(pom, POM);
  const lib = join(directory, 'lib');
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${lib}`];
  await reportElapsed('fetching the time-skipping test server with Maven', report, () =>
    run(maven, ['--batch-mode', '--quiet', '--file', pom, ...goal], {}),
  );
  await writeFile(join(directory, 'launch'), LAUNCHER);
  await chmod(join(directory, 'launch'), 0o755);
  await archiveClasses(join(directory, 'launch'));
}

/** Lets a server that has started write down its classes as it ends. Without the archive a start only takes longer. */
async function archiveClasses(launcher: string): Promise<void> {
  const port = await freePort();
  const env = { ...process.env, CLASS_ARCHIVE: '-XX:ArchiveClassesAtExit=classes.jsa' };
  const server = spawn(launcher, [String(port)], { env, stdio: 'ignore' });
  const ended = once(server, 'exit');
  const connection = Connection.lazy({ address: `${LOOPBACK}:${port}` });
  await Promise.race([connection.ensureConnected().catch(() => undefined), ended]);
  await connection.close();
  server.kill();
  await ended;
}
