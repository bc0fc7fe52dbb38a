import { isAlias, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node } from 'yaml';
import { CredentialsFileError } from './credentials-file-error.js';
import type { CredentialsProblem } from './credentials-file-error.js';
import { isDeeperThan } from './nesting.js';
import { plainJson } from './plain-json.js';

/** Levels that a file may nest: ten times what any provider's configuration does, and less than what recursion stands. */
const LEVELS_MAX = 100;
/**
 * How often a file may use one anchor, with the uses inside of it multiplied: a fleet may share one configuration. The parser
 * looks through all uses for each, which takes two seconds for as many.
 */
const ANCHOR_USES_MAX = 10_000;

/** A parsed file that still knows on which line each value is. */
export interface CredentialsDocument {
  readonly content: unknown;
  /** Line of the value at a path, or of its nearest parent that exists. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/**
 * Parses YAML, and JSON with it. Throws a `CredentialsFileError`; the parser's own messages quote the file,
 * so only their codes are shown.
 */
export function parseCredentialsDocument(text: string, file: string): CredentialsDocument {
  const json = plainJson(text);
  if (json === undefined) return shallow(parseYaml(text, file), file);
  let document: CredentialsDocument | undefined;
  const lineOf: CredentialsDocument['lineOf'] = (path) =>
    (document ??= parseYaml(text, file)).lineOf(path);
  return shallow({ content: json.value, lineOf }, file);
}

function shallow(document: CredentialsDocument, file: string): CredentialsDocument {
  if (isDeeperThan(LEVELS_MAX, document.content)) throw tooDeep(file);
  return document;
}

function tooDeep(file: string): CredentialsFileError {
  return new CredentialsFileError(file, [{ reason: `nested more than ${LEVELS_MAX} levels deep` }]);
}

function parseYaml(text: string, file: string): CredentialsDocument {
  const lines = new LineCounter();
  // The parser would print its warnings itself, and they quote the file.
  const options = { lineCounter: lines, prettyErrors: false, logLevel: 'error' } as const;
  const document = parseDocument(text, options);
  if (document.errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) throw tooDeep(file);
  const problems = document.errors.map(({ code, pos }) => ({
    line: lines.linePos(pos[0]).line,
    reason: `not valid YAML: ${code.toLowerCase().replaceAll('_', ' ')}`,
  }));
  const wrong = problems.length > 0 ? problems : mergeKeys(document, lines);
  if (wrong.length > 0) throw new CredentialsFileError(file, wrong);
  return {
    content: contentOf(document, lines, file),
    lineOf: (path) => {
      const offset = nearestNode(document, path)?.range?.[0];
      return offset === undefined ? undefined : lines.linePos(offset).line;
    },
  };
}

function contentOf(document: Document, lines: LineCounter, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: ANCHOR_USES_MAX }) as unknown;
  } catch {
    const missing = missingAnchors(document, lines);
    const tooMany = `an anchor is used too often, or its uses multiply [limit=${ANCHOR_USES_MAX}]`;
    throw new CredentialsFileError(file, missing.length > 0 ? missing : [{ reason: tooMany }]);
  }
}

/** Uses of what YAML 1.1 had to take fields over from an anchor. To YAML 1.2 they are fields with a strange name. */
function mergeKeys(document: Document, lines: LineCounter): readonly CredentialsProblem[] {
  const found: CredentialsProblem[] = [];
  visit(document, {
    Pair: (_key, { key }) => {
      if (!isScalar(key) || key.value !== '<<') return;
      found.push({
        line: lines.linePos(key.range?.[0] ?? 0).line,
        reason:
          'merge keys (<<) are not supported; write the fields out, or use an alias for a whole value, as in config: *shared',
      });
    },
  });
  return found;
}

/** Uses of an anchor that does not stand before them. */
function missingAnchors(document: Document, lines: LineCounter): readonly CredentialsProblem[] {
  const anchors = new Set<string>();
  const missing: CredentialsProblem[] = [];
  visit(document, {
    Node: (_key, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
      } else if (!anchors.has(node.source)) {
        const line = lines.linePos(node.range?.[0] ?? 0).line;
        missing.push({ line, reason: 'not valid YAML: an alias whose anchor is missing' });
      }
    },
  });
  return missing;
}

function nearestNode(document: Document, path: readonly PropertyKey[]): Node | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node;
  }
  return document.contents ?? undefined;
}
