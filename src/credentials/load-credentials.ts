import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { CredentialSpec } from '../contract/credential.js';
import type { ProviderRegistry } from '../providers/registry.js';
import { credentialEntrySchema } from './credential-entry.js';
import { parseCredentialsDocument } from './credentials-document.js';
import type { CredentialsDocument } from './credentials-document.js';
import { CredentialsFileError } from './credentials-file-error.js';
import type { CredentialsProblem } from './credentials-file-error.js';
import { resolveCredential } from './resolve-credential.js';
import type { CredentialSources } from './resolve-credential.js';
import { check } from './schema-problems.js';
import type { FieldProblem } from './schema-problems.js';

/** Other names are not shown: without the space after its colon, a name in braces swallows the secret. */
const SHOWN_NAME = /^[\w$-]{1,32}$/;

const fileSchema = z.strictObject({
  credentials: z.array(z.unknown(), { error: 'must be a list of credentials' }),
});

/**
 * Reads a credentials file, YAML or JSON; `$file` paths are relative to it. Throws one `CredentialsFileError`
 * that names every problem of every credential.
 */
export function loadCredentials(
  file: string,
  options: { readonly providers: ProviderRegistry; readonly env: NodeJS.ProcessEnv },
): readonly CredentialSpec[] {
  const text = readText(file);
  if (text === undefined) throw new CredentialsFileError(file, [{ reason: 'cannot be read' }]);
  return parseCredentials(text, file, {
    ...options,
    readSecretFile: (path) => readText(resolve(dirname(file), path)),
    nowMs: Date.now(),
  });
}

/** Reads the text of a credentials file; `file` only names it in errors. */
export function parseCredentials(
  text: string,
  file: string,
  sources: CredentialSources,
): readonly CredentialSpec[] {
  const document = parseCredentialsDocument(text, file);
  const list = check(fileSchema, document.content);
  if (!list.ok) {
    throw new CredentialsFileError(
      file,
      list.problems.map((problem) => located(problem, [], document)),
    );
  }
  const results = list.value.credentials.map((raw, index) =>
    credentialAt(raw, index, document, sources),
  );
  const specs = results.flatMap(({ spec }) => spec ?? []);
  const problems = [
    ...results.flatMap((result) => result.problems),
    ...duplicates(list.value.credentials, document),
  ];
  if (problems.length > 0) throw new CredentialsFileError(file, problems);
  return specs;
}

interface Result {
  readonly spec?: CredentialSpec;
  readonly problems: readonly CredentialsProblem[];
}

function credentialAt(
  raw: unknown,
  index: number,
  document: CredentialsDocument,
  sources: CredentialSources,
): Result {
  const entry = check(credentialEntrySchema, raw);
  const resolved = entry.ok ? resolveCredential(entry.value, sources) : entry;
  if (resolved.ok) return { spec: resolved.value, problems: [] };
  const credential = nameOf(raw, index);
  const hidden = entry.ok ? [] : contentProblems(raw, entry.problems, sources);
  return {
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
  sources: CredentialSources,
): readonly FieldProblem[] {
  const isOfOthers = known.every(({ path }) => path[0] === 'id' || path[0] === 'refresh');
  if (!isOfOthers || typeof raw !== 'object') return [];
  const content = check(credentialEntrySchema, { ...raw, id: 'unnamed', refresh: {} });
  const resolved = content.ok ? resolveCredential(content.value, sources) : content;
  return resolved.ok ? [] : resolved.problems;
}

function duplicates(
  entries: readonly unknown[],
  document: CredentialsDocument,
): readonly CredentialsProblem[] {
  const ids = entries.map((entry, index) => nameOf(entry, index));
  return ids.flatMap((credential, index) =>
    ids.indexOf(credential) < index
      ? [
          {
            credential,
            ...located(
              { path: ['id'], reason: 'is used twice in this file' },
              ['credentials', index],
              document,
            ),
          },
        ]
      : [],
  );
}

/** An id that is not text cannot be shown: what is in its place may be a secret. */
function nameOf(raw: unknown, index: number): string {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined;
  return typeof id === 'string' && id !== '' ? id : `number ${index + 1}`;
}

function located(
  { path, reason }: FieldProblem,
  parent: readonly PropertyKey[],
  document: CredentialsDocument,
): CredentialsProblem {
  const line = document.lineOf([...parent, ...path]);
  return {
    ...(line === undefined ? {} : { line }),
    ...(path.length === 0 ? {} : { field: path.map(shownName).join('.') }),
    reason,
  };
}

function shownName(part: PropertyKey): string {
  const name = String(part);
  return SHOWN_NAME.test(name) ? name : '(unreadable name)';
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
