import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs';

/** Longest wait for a program that writes into a pipe: a shell starts it at the same moment as evertoken. */
const PIPE_WRITER_MS = 5_000;
const PIPE_POLL_MS = 20;
/** What a pipe holds at most. */
const PIPE_CHUNK_BYTES = 64 * 1_024;

/** What each pipe of this process gave. A pipe gives it once, and several parts of a command ask for it. */
const piped = new Map<string, string>();

/** The text of a file or a named pipe, such as the `<(…)` of a shell; `undefined` if it cannot be read. */
export function fileText(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true });
    if (!stats.isFIFO()) return readFileSync(path, 'utf8');
    // A file system soon gives the number of a removed pipe to another one.
    const pipe = [stats.dev, stats.ino, stats.birthtimeNs].join(':');
    const text = piped.get(pipe) ?? pipeText(path);
    if (text !== undefined) piped.set(pipe, text);
    return text;
  } catch {
    return undefined;
  }
}

/** The value that a file holds: editors and `echo` end its last line, which is no part of it. */
export function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/**
 * Reads a pipe to its end. A program that holds it open may take its time, as one that asks for a password; a pipe into which
 * nothing writes would be waited for without end.
 */
function pipeText(path: string): string | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    const endsAtMs = performance.now() + PIPE_WRITER_MS;
    let hadWriter = false;
    for (;;) {
      const chunk = nextChunk(fd);
      if (chunk !== 'nothing yet' && chunk.length > 0) {
        chunks.push(chunk);
        continue;
      }
      if (chunk === 'nothing yet') hadWriter = true;
      else if (hadWriter || chunks.length > 0) return Buffer.concat(chunks).toString('utf8');
      else if (performance.now() > endsAtMs) return undefined;
      pause();
    }
  } finally {
    closeSync(fd);
  }
}

/** Empty where no program holds the pipe open for writing. */
function nextChunk(fd: number): Buffer | 'nothing yet' {
  const room = Buffer.alloc(PIPE_CHUNK_BYTES);
  try {
    return room.subarray(0, readSync(fd, room));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 'nothing yet';
    throw error;
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_POLL_MS);
}
