/**
 * Ends the process with its exit code as soon as what it printed is written. Something that a failed command gave up may live
 * on: the SDK's native worker goes on connecting for half a minute, can be told nothing, and ignores signals meanwhile.
 */
export async function exitOnceWritten(): Promise<void> {
  await outputWritten();
  process.exit();
}

/** Resolves once all that was printed is written, or cannot be. */
export async function outputWritten(): Promise<void> {
  await Promise.all([written(process.stdout), written(process.stderr)]);
}

function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // Called with an error, too, where nobody reads.
    stream.write('', () => resolve());
  });
}
