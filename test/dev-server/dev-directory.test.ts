import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeDevDirectory } from '../../src/dev-server/dev-directory.js';
import { DEV_FILES } from '../../src/dev-server/dev-files.js';
import { devKey } from '../../src/dev-server/dev-key.js';

const before = process.cwd();
let repository: string;
beforeAll(() => {
  repository = mkdtempSync(join(tmpdir(), 'evertoken-repository-'));
  process.chdir(repository);
});
afterAll(() => {
  process.chdir(before);
  rmSync(repository, { recursive: true });
});

it('what evertoken dev keeps is for its user alone, and no commit of theirs takes it along', () => {
  execFileSync('git', ['init', '--quiet']);
  writeFileSync('service.ts', '');
  makeDevDirectory();
  devKey();
  makeDevDirectory();
  const status = ['status', '--porcelain', '--untracked-files=all'];
  expect(execFileSync('git', status, { encoding: 'utf8' })).toBe('?? service.ts\n');
  expect(statSync(DEV_FILES.directory).mode & 0o777).toBe(0o700);
});
