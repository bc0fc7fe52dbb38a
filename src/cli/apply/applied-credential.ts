import type { CredentialStatus, KeeperPort } from '../../client/keeper-port.js';
import type { KeeperAdministration } from '../../keepers/administration.js';
import type { ApplyResult } from '../../keepers/apply-result.js';
import { errorReason } from '../error-text.js';
import { exitCodeOf } from '../exit-codes.js';

/** What became of one credential of a file, or of one that the file no longer names. */
export interface AppliedCredential {
  readonly id: string;
  readonly outcome:
    | Exclude<ApplyResult['outcome'], 'refused'>
    | 'failed'
    | Awaited<ReturnType<KeeperAdministration['stop']>>;
  /** The keeper's state now; absent if it is not known. */
  readonly status?: CredentialStatus;
  /** Why it failed, for people. */
  readonly reason?: string;
  /** The exit code that this result alone would mean. */
  readonly exitCode: number;
}

/** What applying needs of a session. */
export interface Appliers {
  /** By the keepers' clock, because whoever applies may have a wrong one. */
  readonly reader: Pick<KeeperPort, 'status'>;
  readonly keepers: Pick<KeeperAdministration, 'apply' | 'known'>;
  /** Absent: nobody looks whether workers are there. */
  readonly unserved?: Unserved;
}

/** What is so if no worker takes refreshes from a task queue or, without one, no worker serves keepers; else `undefined`. */
export type Unserved = (taskQueue?: string) => Promise<string | undefined>;

/** The outcome of applying a credential. */
export type Kept = Exclude<ApplyResult, { outcome: 'refused' }>['outcome'];

/** The outcome of a credential for which there was an error. */
export function failedResult(id: string, error: unknown): AppliedCredential {
  return {
    id,
    outcome: 'failed',
    reason: errorReason(error, process.env),
    exitCode: exitCodeOf(error),
  };
}
