const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** Number of commits in a write-ahead log that was not yet reset: https://www.sqlite.org/fileformat2.html#walformat */
export function commitsIn(log: Buffer): number {
  if (log.length === 0) return 0;
  const frameBytes = FRAME_HEADER_BYTES + log.readUInt32BE(8);
  let commits = 0;
  for (let at = HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
    const pagesAfterCommit = log.readUInt32BE(at + 4);
    if (pagesAfterCommit > 0) commits += 1;
  }
  return commits;
}
