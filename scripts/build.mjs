// npm run build: compiles what changed, on a fresh clone after installing the dependencies.
import { ensureBuild } from './setup/build-output.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';
import { main } from './setup/step.mjs';

requireNodeVersion();
await main(async () => {
  await ensureDependencies();
  await ensureBuild();
});
