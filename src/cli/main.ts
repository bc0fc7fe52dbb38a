#!/usr/bin/env node
import { run } from './program.js';

// A reader such as `head` may close the pipe early. That is no failure.
process.stdout.on('error', () => process.exit());

process.exitCode = await run(process.argv.slice(2));
