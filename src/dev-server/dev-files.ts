import { join } from 'node:path';

const DIRECTORY = '.evertoken';

/** What a dev environment keeps in the directory in which it was started. */
export const DEV_FILES = {
  directory: DIRECTORY,
  /** Lets git ignore all of it: somebody else's repository does not know the directory. */
  gitignore: join(DIRECTORY, '.gitignore'),
  /** The encryption key, mode 0600. */
  key: join(DIRECTORY, 'key'),
  /** Everything that the Temporal dev server knows. */
  database: join(DIRECTORY, 'temporal.db'),
  journal: join(DIRECTORY, 'journal'),
  /** What the other commands need to find the running one. */
  session: join(DIRECTORY, 'dev.json'),
  /** Stands for the configuration file of Temporal's library beside a running one. Nothing makes it. */
  temporalConfig: join(DIRECTORY, 'temporal.toml'),
  serverLog: join(DIRECTORY, 'temporal.log'),
  workerLog: join(DIRECTORY, 'worker.log'),
} as const;
