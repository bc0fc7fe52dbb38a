import { execFileSync } from 'node:child_process';

/** What the benchmarks write themselves: it changes no figure. */
const WRITTEN = ['bench/results', 'docs/benchmarks.md', 'docs/benchmarks'];

/** Which source the figures are of. */
export interface Commit {
  /** Short hash. */
  readonly hash: string;
  /** Whether files differed from it. */
  readonly isChanged: boolean;
}

/** The commit of the working folder; `undefined` where it is none of Git's, as in an unpacked archive. */
export function currentCommit(): Commit | undefined {
  try {
    const hash = git('rev-parse', '--short', 'HEAD');
    const excluded = WRITTEN.map((path) => `:(exclude)${path}`);
    return { hash, isChanged: git('status', '--porcelain', '--', '.', ...excluded) !== '' };
  } catch {
    return undefined;
  }
}

function git(...args: readonly string[]): string {
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
  return execFileSync('git', args, { encoding: 'utf8', stdio }).trim();
}
