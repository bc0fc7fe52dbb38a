// npm run histories:record: records what keepers of this version do, and the build that made them do it, for the
// replay and upgrade tests of later versions. What is recorded already stays as it is.
import { Buffer } from 'node:buffer';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startVitest } from 'vitest/node';
import { ensureBuild } from './setup/build-output.mjs';
import { ROOT } from './setup/step.mjs';

/** The SDK takes no bundle without a source map; a real one would be three quarters of the file. */
const NO_SOURCE_MAP = Buffer.from(
  '{"version":3,"file":"workflow-bundle.js","sources":[],"names":[],"mappings":""}',
);
const SOURCE_MAP_COMMENT = '//# sourceMappingURL=data:application/json;base64,';

await recordBuild();
await recordHistories();

async function recordBuild() {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const file = join(ROOT, `test/upgrade/builds/${version}.js.gz`);
  if (existsSync(file)) return;
  await ensureBuild();
  const bundle = readFileSync(join(ROOT, 'dist/workflow-bundle.js'), 'utf8');
  const code = bundle.slice(0, bundle.lastIndexOf('//# sourceMappingURL='));
  const recorded = `${code}${SOURCE_MAP_COMMENT}${NO_SOURCE_MAP.toString('base64')}\n`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, gzipSync(recorded, { level: 9 }));
}

async function recordHistories() {
  const vitest = await startVitest('test', [], {
    watch: false,
    include: ['test/replay/record-histories.ts'],
    // All keepers at once: most of their time they sleep.
    maxConcurrency: 100,
    testTimeout: 120_000,
  });
  await vitest.close();
}
