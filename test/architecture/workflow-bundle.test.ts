import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { shared } from '../support/shared-resources.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The failure converter is there too: a workflow makes its failures inside the bundle. */
const OURS = /^src\/(?:(?:workflows|policy|contract)\/|encryption\/failure-converter\.cjs$)/;
/** The SDK's workflow side and the three packages that it brings. */
const PACKAGES = ['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc'];
/** Webpack's own pieces, and the place for a payload converter of our own, which stays empty. */
const NO_MODULE = /^webpack\/|^ignored\|.*\|__temporal_custom_payload_converter$/;

describe('the workflow bundle', { timeout: 120_000 }, () => {
  let modules: string[];
  beforeAll(async () => {
    const code = await readFile(await shared('workflowBundlePath'), 'utf8');
    modules = sourcesOf(code)
      .filter((source) => !NO_MODULE.test(source))
      .map((source) => relative(ROOT, source));
  }, 120_000);

  it('holds only our workflows, policy, contract and failure converter', () => {
    const ours = modules.filter((path) => !path.startsWith('node_modules/'));
    expect(ours).toContain('src/workflows/index.ts');
    expect(ours.filter((path) => !OURS.test(path))).toEqual([]);
  });

  it('guards keepers from events that come with a query, as it is tested and as it is shipped', async () => {
    const built = new URL('../workflow-bundle.js', pathToFileURL(await shared('commandPath')));
    const paths = [await shared('workflowBundlePath'), fileURLToPath(built)];
    const bundles = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    const hasGuard = bundles.map((code) => code.includes('class UntimelyActivations'));
    expect(hasGuard).toEqual([true, true]);
  });

  it('loads the keepers’ modules once for all keepers, as it is tested and as it is shipped', async () => {
    const built = new URL('../workflow-bundle.js', pathToFileURL(await shared('commandPath')));
    const paths = [await shared('workflowBundlePath'), fileURLToPath(built)];
    const bundles = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    const preload = /preloadModules = function preloadModules\(\) \{[^}]*\/workflows\/index\./;
    expect(bundles.map((code) => preload.test(code))).toEqual([true, true]);
  });

  it('has no module with a state that keepers would share', async () => {
    const ours = modules.filter((path) => OURS.test(path) && path.endsWith('.ts'));
    const sources = await Promise.all(
      ours.map(async (path) => ({ path, text: await readFile(`${ROOT}/${path}`, 'utf8') })),
    );
    expect(sources.flatMap(({ path, text }) => mutableState(path, text))).toEqual([]);
  });

  it.each([
    'let made = 0;',
    'const known = new Map<string, number>();',
    'const seen: string[] = [];',
    'export class Keeper { static made = 0; }',
  ])('would notice: %s', (text) => {
    expect(mutableState('state.ts', text)).toHaveLength(1);
  });

  it('holds no package but the SDK and what that brings', () => {
    const packages = modules
      .filter((path) => path.startsWith('node_modules/'))
      .map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path);
    expect([...new Set(packages)].sort()).toEqual(PACKAGES);
  });
});

function sourcesOf(code: string): string[] {
  const inline = /sourceMappingURL=data:application\/json;charset=utf-8;base64,(\S+)/.exec(code);
  const map: unknown = JSON.parse(Buffer.from(inline?.[1] ?? '', 'base64').toString());
  return (map as { sources: string[] }).sources;
}

/** What of a module may change: one copy of it serves all keepers of a worker, and a replay would find what others left. */
function mutableState(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement) =>
    changeable(statement).map((node) => `${path}: ${node.getText().split('\n')[0] ?? ''}`),
  );
}

function changeable(statement: ts.Statement): readonly ts.Node[] {
  if (ts.isClassDeclaration(statement)) return statement.members.filter(isStaticState);
  if (!ts.isVariableStatement(statement)) return [];
  const { flags, declarations } = statement.declarationList;
  return declarations.filter(
    (declaration) => !(flags & ts.NodeFlags.Const) || holdsCollection(declaration),
  );
}

function isStaticState(member: ts.ClassElement): boolean {
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
  return (
    ts.isPropertyDeclaration(member) &&
    modifiers.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) &&
    !modifiers.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword)
  );
}

/** An array or a collection that is not declared as read-only. */
function holdsCollection({ initializer, type }: ts.VariableDeclaration): boolean {
  if (initializer === undefined || /^(?:readonly |Readonly)/.test(type?.getText() ?? ''))
    return false;
  return (
    ts.isArrayLiteralExpression(initializer) ||
    (ts.isNewExpression(initializer) &&
      /^(?:Weak)?(?:Map|Set)$/.test(initializer.expression.getText()))
  );
}
