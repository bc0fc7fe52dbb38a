import { Option } from 'commander';
import { defined } from '../contract/defined.js';
import { isInScope } from '../contract/scope.js';
import type { NamedCredential } from '../credentials/load-credentials.js';
import type { KeeperRun } from '../keepers/runs.js';
import { UsageError } from './errors.js';

/** A credentials file that is the whole truth about the credentials of its scope. */
export interface ScopedFile {
  /** As it was given on the command line. */
  readonly path: string;
  /** The file speaks only for the ids of this scope. Absent: for all ids. */
  readonly scope?: string;
  readonly credentials: readonly NamedCredential[];
}

export function scopeOption(): Option {
  return new Option(
    '--scope <scope>',
    'the file speaks only for these credentials: an id, or a prefix that ends in /',
  );
}

/** Throws a `UsageError` if a file names an id outside of its scope, since one of the two is a mistake. */
export function scopedFile(
  path: string,
  credentials: readonly NamedCredential[],
  scope: string | undefined,
): ScopedFile {
  const outside = credentials.find(({ id }) => !isInScope(scope ?? '', id));
  if (outside !== undefined) {
    throw new UsageError(
      `the file names a credential outside of the scope [id=${outside.id}, scope=${scope ?? ''}]${prefixHint(scope)}`,
    );
  }
  return { path, credentials, ...defined({ scope }) };
}

function prefixHint(scope = ''): string {
  return scope === '' || scope.endsWith('/') ? '' : '; a scope that is a prefix ends in /';
}

/** Whether the file speaks for a credential. Without a file, every credential counts. */
export function speaksFor(file: ScopedFile | undefined, { id }: { readonly id: string }): boolean {
  return isInScope(file?.scope ?? '', id);
}

/** Ids of keepers that run in the scope although the file does not name them, in order. */
export function unnamedIds(runs: readonly KeeperRun[], file: ScopedFile): readonly string[] {
  const named = new Set(file.credentials.map(({ id }) => id));
  return runs
    .filter((run) => isRunning(run) && speaksFor(file, run) && !named.has(run.id))
    .map(({ id }) => id)
    .sort();
}

/** Whether a keeper's newest run was listed as running. */
export function isRunning({ execution }: KeeperRun): boolean {
  return execution === 'RUNNING';
}
