import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findTemporalServer } from '../../src/dev-server/temporal-executable.js';

/** Counts its runs, and installs an executable as `go install` does. */
const WORKING_GO = `#!/bin/sh
echo "$@" >> "$GO_RUNS"
/bin/sleep 0.2
echo '#!/bin/sh' > "$GOBIN/temporal"
`;
const FAILING_GO = `#!/bin/sh
echo half-made > "$GOBIN/temporal"
echo "compile: out of memory" >&2
exit 2
`;

describe('findTemporalServer', () => {
  let directory: string;
  let bin: string;
  let goRuns: string;
  let lines: string[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'evertoken-find-'));
    bin = join(directory, 'bin');
    goRuns = join(directory, 'go-runs');
    lines = [];
    await mkdir(bin);
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  /** A machine that reaches no host, with only these commands. */
  async function find(signal?: AbortSignal): Promise<string> {
    return findTemporalServer({
      env: {
        PATH: bin,
        XDG_CACHE_HOME: directory,
        HTTPS_PROXY: 'http://127.0.0.1:1',
        GO_RUNS: goRuns,
      },
      report: (line) => lines.push(line),
      ...(signal && { signal }),
    });
  }

  async function install(command: string, script: string): Promise<string> {
    const path = join(bin, command);
    await writeFile(path, script);
    await chmod(path, 0o755);
    return path;
  }

  it('takes the command on PATH first', async () => {
    await install('go', WORKING_GO);
    const path = await install('temporal', '#!/bin/sh\n');
    expect(await find()).toBe(path);
    expect(lines).toEqual([]);
  });

  it('builds one with Go when the download host cannot be reached, and only once', async () => {
    await install('go', WORKING_GO);
    const path = await find();
    expect(await readFile(path, 'utf8')).toBe('#!/bin/sh\n');
    expect(await readFile(goRuns, 'utf8')).toBe(
      'install -v github.com/temporalio/cli/cmd/temporal@v1.5.1\n',
    );
    expect(lines).toContainEqual(expect.stringContaining('building the Temporal dev server'));

    lines = [];
    expect(await find()).toBe(path);
    expect(lines).toEqual([]);
  });

  it('builds once when two want it at the same time', async () => {
    await install('go', WORKING_GO);
    const [one, other] = await Promise.all([find(), find()]);
    expect(one).toBe(other);
    expect((await readFile(goRuns, 'utf8')).split('\n').filter(Boolean)).toHaveLength(1);
  });

  it('takes over from a process that died while it built', async () => {
    await install('go', WORKING_GO);
    await mkdir(join(directory, 'evertoken'));
    const deadPid = 2 ** 30;
    await writeFile(join(directory, 'evertoken', 'temporal-cli-v1.5.1.lock'), String(deadPid));
    expect(await readFile(await find(), 'utf8')).toBe('#!/bin/sh\n');
  });

  it('never uses a half-made one', async () => {
    await install('go', FAILING_GO);
    await expect(find()).rejects.toThrow('compile: out of memory');
    expect(await readdir(join(directory, 'evertoken'))).toEqual([]);
    await install('go', WORKING_GO);
    expect(await readFile(await find(), 'utf8')).toBe('#!/bin/sh\n');
  });

  it('names the ways to get one when none works', async () => {
    const error = await find().catch((reason: unknown) => String(reason));
    expect(error).toContain('put the command `temporal` on PATH');
    expect(error).toContain('let this machine reach temporal.download');
    expect(error).toContain('install Go 1.25 or later');
    expect(error).toContain('TEMPORAL_ADDRESS');
    expect(error).toContain('[go is not on PATH]');
  });

  it('gives up when it is told to, and leaves nothing half made', async () => {
    await install('go', '#!/bin/sh\nexec /bin/sleep 60\n');
    const controller = new AbortController();
    const found = find(controller.signal);
    await vi.waitUntil(() => lines.some((line) => line.startsWith('building')), 20_000);
    controller.abort();
    await expect(found).rejects.toThrow('aborted');
    expect(await readdir(join(directory, 'evertoken'))).toEqual([]);
  });
});
