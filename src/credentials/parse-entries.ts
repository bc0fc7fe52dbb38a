import { z } from 'zod';
import { defined } from '../contract/defined.js';
import { CREDENTIAL_ID_PATTERN } from '../contract/names.js';
import { credentialEntrySchema } from './credential-entry.js';
import type { CredentialEntry } from './credential-entry.js';
import { parseCredentialsDocument } from './credentials-document.js';
import type { CredentialsDocument } from './credentials-document.js';
import { CredentialsFileError } from './credentials-file-error.js';
import type { CredentialsProblem } from './credentials-file-error.js';
import { check } from './schema-problems.js';
import type { Checked, FieldProblem } from './schema-problems.js';

/** Other names are not shown: without the space after its colon, a name in braces swallows the secret. */
const SHOWN_NAME = /^[\w$-]{1,32}$/;

const fileSchema = z.strictObject(
  { credentials: z.array(z.unknown(), { error: 'must be a list of credentials' }) },
  {
    error: ({ code, input }) =>
      code === 'invalid_type'
        ? `${input === null ? 'is empty; it ' : ''}must say credentials: and list them below it, as docs/cli.md shows`
        : undefined,
  },
);

/** What becomes of one entry whose form is right. */
type Resolve<T> = (entry: CredentialEntry) => Checked<T>;

/** One thing wrong with an entry, by its place in the list. */
export interface EntryProblem extends FieldProblem {
  readonly index: number;
}

/** What is wrong between entries that are right by themselves; a wrong one is `undefined` in its place. */
type Compare<T> = (values: readonly (T | undefined)[]) => readonly EntryProblem[];

/**
 * Reads each entry of a credentials file; `file` only names it in errors. Throws one `CredentialsFileError` that
 * names every problem of every credential.
 */
export function parseEntries<T>(
  text: string,
  file: string,
  resolve: Resolve<T>,
  compare: Compare<T> = () => [],
): readonly T[] {
  const document = parseCredentialsDocument(text, file);
  const list = check(fileSchema, document.content);
  if (!list.ok) {
    throw new CredentialsFileError(
      file,
      list.problems.map((problem) => located(problem, [], document)),
    );
  }
  const results = list.value.credentials.map((raw, index) =>
    resultOf(raw, index, document, resolve),
  );
  const compared = compare(results.map((result) => (result.ok ? result.value : undefined)));
  const problems = [
    ...results.flatMap((result) => (result.ok ? [] : result.problems)),
    ...duplicates(list.value.credentials, document),
    ...compared.map(({ index, ...problem }) => ({
      credential: nameOf(list.value.credentials[index], index),
      ...located(problem, ['credentials', index], document),
    })),
  ];
  if (problems.length > 0) throw new CredentialsFileError(file, problems);
  return results.flatMap((result) => (result.ok ? [result.value] : []));
}

type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly CredentialsProblem[] };

function resultOf<T>(
  raw: unknown,
  index: number,
  document: CredentialsDocument,
  resolve: Resolve<T>,
): Result<T> {
  const entry = check(credentialEntrySchema, raw);
  const resolved = entry.ok ? resolve(entry.value) : entry;
  if (resolved.ok) return resolved;
  const credential = nameOf(raw, index);
  const hidden = entry.ok ? [] : contentProblems(raw, entry.problems, resolve);
  return {
    ok: false,
    problems: [...resolved.problems, ...hidden].map((problem) => ({
      credential,
      ...located(problem, ['credentials', index], document),
    })),
  };
}

/** What is wrong with config and material of an entry whose other fields are wrong, so that one look shows all. */
function contentProblems(
  raw: unknown,
  known: readonly FieldProblem[],
  resolve: Resolve<unknown>,
): readonly FieldProblem[] {
  const isOfOthers = known.every(({ path }) => path[0] === 'id' || path[0] === 'refresh');
  if (!isOfOthers || typeof raw !== 'object') return [];
  const content = check(credentialEntrySchema, { ...raw, id: 'unnamed', refresh: {} });
  const resolved = content.ok ? resolve(content.value) : content;
  return resolved.ok ? [] : resolved.problems;
}

function duplicates(
  entries: readonly unknown[],
  document: CredentialsDocument,
): readonly CredentialsProblem[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, index) => {
    const credential = nameOf(entry, index);
    const isFirst = !seen.has(credential);
    seen.add(credential);
    if (isFirst) return [];
    const problem = { path: ['id'], reason: 'is used twice in this file' };
    return [{ credential, ...located(problem, ['credentials', index], document) }];
  });
}

/** What is nothing like an id is not shown: it may be a secret in the wrong place. */
function nameOf(raw: unknown, index: number): string {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined;
  const isShown = typeof id === 'string' && (CREDENTIAL_ID_PATTERN.test(id) || SHOWN_NAME.test(id));
  return isShown ? id : `number ${index + 1}`;
}

function located(
  { path, reason }: FieldProblem,
  parent: readonly PropertyKey[],
  document: CredentialsDocument,
): CredentialsProblem {
  const line = document.lineOf([...parent, ...path]);
  return {
    ...defined({ line }),
    ...(path.length === 0 ? {} : { field: path.map(shownName).join('.') }),
    reason,
  };
}

function shownName(part: PropertyKey): string {
  const name = String(part);
  return SHOWN_NAME.test(name) ? name : '(unreadable name)';
}
