#!/usr/bin/env node
import { run } from './program.js';
import { goOnUnread } from './unread-output.js';

goOnUnread();
process.exitCode = await run(process.argv.slice(2));
