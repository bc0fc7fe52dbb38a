import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './setup/step.mjs';

/** What is bundled lies as deep below `dist` as what it was made of, so that paths to other files stay true. */
const COMMANDS = join(ROOT, 'dist/cli');

// A command that reads one token loads over a hundred of our modules: a fifth of its time went into finding and opening them.
const { outputFiles } = await build({
  entryPoints: [join(COMMANDS, 'main.js')],
  outdir: COMMANDS,
  bundle: true,
  // Each command stays a file of its own, which is loaded only when it is wanted.
  splitting: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  // Logs name the classes of errors.
  keepNames: true,
  write: false,
});
for (const name of readdirSync(COMMANDS)) rmSync(join(COMMANDS, name), { recursive: true });
for (const { path, contents } of outputFiles) writeFileSync(path, contents);
