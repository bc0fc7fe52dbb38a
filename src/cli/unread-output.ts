import { EXIT_CODES } from './exit-codes.js';
import { report } from './output.js';

/** How a write fails that nobody will read: to a pipe, to a socket, and on Windows. */
const UNREAD = ['EPIPE', 'ECONNRESET', 'EOF'];

const reader = new AbortController();

/**
 * Fires once nobody reads standard output any more, which shows only when something is written. A command that does nothing but
 * show ends then.
 */
export const outputUnread: AbortSignal = reader.signal;

/**
 * Lets every other command finish, with its own exit code, although a reader such as `head` has closed the pipe: it must not
 * stop half way in what it changes.
 */
export function goOnUnread(): void {
  process.stdout.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
    if (UNREAD.includes(code)) reader.abort();
    else failOnce(code);
  });
  process.stderr.on('error', () => undefined);
}

let hasFailed = false;

/** A result that a full disk lost must not look like success. */
function failOnce(code: string): void {
  if (hasFailed) return;
  hasFailed = true;
  report(`error: standard output cannot be written [code=${code}]`);
  process.once('exit', (exitCode) => {
    if (exitCode === EXIT_CODES.done) process.exitCode = EXIT_CODES.failed;
  });
}
