import { JournalError } from './port.js';

/**
 * Runs work of a journal. Errors of the system name paths, errors of a database quote addresses, and some may quote a
 * broken entry. None of that leaves the journal: only the error's code (errno or SQLSTATE) does, or its name.
 * @param told what to say about an error after the problem; default: its cause
 * @throws JournalError
 */
export async function withJournalErrors<Result>(
  problem: string,
  work: () => Promise<Result>,
  told: (error: unknown) => string = causeOf,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof JournalError) throw error;
    throw new JournalError(`${problem}${told(error)}`);
  }
}

function causeOf(error: unknown): string {
  return ` [cause=${codeOf(error)}]`;
}

/** An error's code, or its name where it has none. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).name;
}
