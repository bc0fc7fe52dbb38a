import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
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
