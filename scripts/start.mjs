// npm start [-- options]: sets up what is missing and runs `evertoken dev [options]`.
import { ensureBuild } from './setup/build-output.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';
import { main } from './setup/step.mjs';

requireNodeVersion();
await main(async () => {
  await ensureDependencies();
  await ensureBuild();
  // In this process, so that Ctrl-C and the exit code are the command's own.
  const command = new URL('../dist/cli/main.js', import.meta.url);
  process.argv.splice(1, 1, command.pathname, 'dev');
  await import(command.href);
});
