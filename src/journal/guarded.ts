import { JournalError } from './port.js';

/**
 * Runs work of a journal. Errors of the system name paths, errors of a database quote addresses, and a broken entry
 * could be quoted too: none of that leaves the journal, only the error's code (errno or SQLSTATE) or its name.
 * @throws JournalError
 */
export async function guarded<Result>(
  problem: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof JournalError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? (error as Error).name;
    throw new JournalError(`${problem} [cause=${code}]`);
  }
}
