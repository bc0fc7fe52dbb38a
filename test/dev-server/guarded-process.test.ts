import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GuardedProcess } from '../../src/dev-server/guarded-process.js';
import { isProcessAlive } from '../../src/dev-server/process-alive.js';

/** Says its process id on standard output and then stays. */
const STAYING = 'console.log(process.pid); setInterval(() => undefined, 1000);';

describe('GuardedProcess', () => {
  let directory: string;
  let logFile: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'evertoken-guard-'));
    logFile = join(directory, 'log');
    await writeFile(logFile, '');
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  async function startedPid(): Promise<number> {
    return vi.waitUntil(async () => Number(await readFile(logFile, 'utf8')), { timeout: 60_000 });
  }

  it('leaves no process behind when it is stopped', async () => {
    const guarded = new GuardedProcess(process.execPath, ['-e', STAYING], logFile);
    const pid = await startedPid();
    expect(isProcessAlive(pid)).toBe(true);
    await guarded.stop();
    expect(isProcessAlive(pid)).toBe(false);
    expect(guarded.hasEnded).toBe(true);
  });

  it('leaves no process behind when its parent is killed', async () => {
    const parentFile = join(directory, 'parent.mjs');
    await writeFile(
      parentFile,
      `${await asJavaScript('src/dev-server/guarded-process.ts')}
new GuardedProcess(process.execPath, ['-e', ${JSON.stringify(STAYING)}], ${JSON.stringify(logFile)});
setInterval(() => undefined, 1000);`,
    );
    const parent = spawn(process.execPath, [parentFile]);
    const pid = await startedPid();
    expect(isProcessAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await vi.waitUntil(() => !isProcessAlive(pid), { timeout: 60_000 });
  });

  it('has ended, with the reason in the log, when there is no such command', async () => {
    const guarded = new GuardedProcess(join(directory, 'absent'), [], logFile);
    await vi.waitUntil(() => guarded.hasEnded, { timeout: 60_000 });
    expect(await readFile(logFile, 'utf8')).toContain('ENOENT');
    await guarded.stop();
  });

  it('has ended, with the reason in the log, when the system starts no process for it', async () => {
    const { execPath } = process;
    process.execPath = join(directory, 'absent');
    const guarded = new GuardedProcess(execPath, ['-e', STAYING], logFile);
    process.execPath = execPath;
    await guarded.stop();
    expect(guarded.hasEnded).toBe(true);
    expect(await readFile(logFile, 'utf8')).toContain('ENOENT');
  });
});

async function asJavaScript(path: string): Promise<string> {
  const { outputText } = ts.transpileModule(await readFile(path, 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  return outputText;
}
