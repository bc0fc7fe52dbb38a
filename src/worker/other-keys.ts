import type { Client } from '@temporalio/client';
import { runningKeyFit } from '../keepers/key-fit.js';
import { ConfigError } from '../settings/config.js';
import type { Logger } from '../telemetry/logger.js';

/**
 * Refuses to go on with keys that open no keeper that runs. A worker with them would take the tasks of keepers from those that
 * can do them, and end each new keeper, whose input it would take for made up. Where the server does not list the keepers, the
 * worker starts.
 * @throws ConfigError
 */
export async function refuseOtherKeys(client: Client, log: Pick<Logger, 'warn'>): Promise<void> {
  const fit = await runningKeyFit(client).catch((error: unknown) => {
    log.warn('keys could not be tried with the running keepers', { error });
    return undefined;
  });
  if (fit === undefined || fit.readable > 0 || fit.unreadable === 0) return;
  const { unreadable, otherKeyIds } = fit;
  throw new ConfigError([
    {
      variable: 'EVERTOKEN_ENCRYPTION_KEYS',
      reason:
        `opens none of the running keepers, which were sealed with other keys [keepers=${unreadable}, keys=${otherKeyIds.join(', ')}]; ` +
        'give all workers of a namespace the same keys, and where those are lost, see “A key is lost” in disaster recovery',
    },
  ]);
}
