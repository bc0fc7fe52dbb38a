#!/usr/bin/env node
import { EXIT_CODES } from './exit-codes.js';
import { exitOnceWritten } from './exit-once-written.js';
import { run } from './program.js';
import { goOnUnread } from './unread-output.js';

goOnUnread();
const exitCode = await run(process.argv.slice(2));
process.exitCode = exitCode;
if (exitCode !== EXIT_CODES.done) await exitOnceWritten();
