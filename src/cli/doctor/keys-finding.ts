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

/**
 * What the published answers of running keepers say of the keys here, also where the keepers are in trouble: a finding if one does
 * not open, or else whether one does.
 */
export async function publishedFinding(
  { client }: CliSession,
  runs: readonly KeeperRun[],
): Promise<Finding | undefined> {
  const check = 'keys';
  const running = runs.filter(isRunning);
  const { isOneReadable, unreadable } = await keyFit(client, running);
  if (unreadable.length > 0) {
    const text =
      `${unreadable.length} of ${running.length} running keepers do not open with the keys of ` +
      `EVERTOKEN_ENCRYPTION_KEYS here ${unreadableText(unreadable)}`;
    return { level: 'fail', check, problem: 'other-keys', text };
  }
  return isOneReadable ? { level: 'ok', check, text: DECIPHERABLE } : undefined;
}

/** On a server that drops what keepers publish. Asks one that is well, since the trouble of another says nothing of keys. */
export async function askedFinding(
  { tokens }: CliSession,
  { runs, credentials, isServed }: ExaminedRuns,
): Promise<Finding> {
  const check = 'keys';
  const running = runs.filter(isRunning);
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
