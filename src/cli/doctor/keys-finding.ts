import { TokenError } from '../../client/token-error.js';
import { keyFit, unreadableText } from '../../keepers/key-fit.js';
import type { KeeperRun } from '../../keepers/runs.js';
import { isRunning } from '../scoped-file.js';
import type { CliSession } from '../session.js';
import type { Finding } from './finding.js';

/** What the examination of keys starts from. */
export interface ExaminedRuns {
  /** Every keeper's newest run. */
  readonly runs: readonly KeeperRun[];
  /** What was found of credentials. */
  readonly credentials: readonly Finding[];
  /** Whether a worker is there to answer questions. */
  readonly isServed: boolean;
}

const DECIPHERABLE = 'answers can be deciphered';

/** Whether the keys here are those of the keepers. What they have published says so, also where they are in trouble. */
export async function keysFinding(session: CliSession, examined: ExaminedRuns): Promise<Finding> {
  const check = 'keys';
  const running = examined.runs.filter(isRunning);
  const { isOneReadable, unreadable } = await keyFit(session.client, running);
  if (unreadable.length > 0) {
    const text =
      `${unreadable.length} of ${running.length} running keepers do not open with the keys of ` +
      `EVERTOKEN_ENCRYPTION_KEYS here ${unreadableText(unreadable)}`;
    return { level: 'fail', check, problem: 'other-keys', text };
  }
  if (isOneReadable) return { level: 'ok', check, text: DECIPHERABLE };
  return askedFinding(session, running, examined);
}

/** On a server that drops what keepers publish. Asks one that is well, since the trouble of another says nothing of keys. */
async function askedFinding(
  { tokens }: CliSession,
  running: readonly KeeperRun[],
  { credentials, isServed }: ExaminedRuns,
): Promise<Finding> {
  const check = 'keys';
  const inTrouble = new Set(credentials.map(({ subject }) => subject));
  const well = isServed ? running.find(({ id }) => !inTrouble.has(id)) : undefined;
  if (well === undefined) return { level: 'ok', check, text: 'nothing to decipher yet' };
  try {
    await tokens.status(well.id);
    return { level: 'ok', check, text: DECIPHERABLE };
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return { level: 'fail', check, problem: error.code, text: error.message };
  }
}
