// npm run faults: the whole fault campaign, every property with 10,000 cases, and long lives. Writes docs/reliability.md.
import { ensureBuild } from './setup/build-output.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';
import { main, runPackage, step } from './setup/step.mjs';

requireNodeVersion();
process.env['FAULTS'] = 'all';
process.env['PROPERTY_CASES'] ??= '10000';
await main(async () => {
  await ensureDependencies();
  await ensureBuild();
  await step('properties', () => runPackage('vitest/vitest.mjs', 'run', 'test/properties'));
  await step('long lives', () => runPackage('vitest/vitest.mjs', 'run', 'test/time-skipping'));
  await step('faults', () => runPackage('vitest/vitest.mjs', 'run', 'test/faults'));
});
