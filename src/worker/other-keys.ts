import type { Client } from '@temporalio/client';
import { type KeyFit, runningKeyFit, unreadableText } from '../keepers/key-fit.js';
import { ConfigError } from '../settings/config-error.js';
import type { Logger } from '../telemetry/logger.js';

/**
 * Refuses to go on with keys that open no keeper that runs. A worker with them would take the tasks of keepers from those that
 * can do them, and end each new keeper, whose input it would take for made up. Where the server does not list the keepers in
 * time, the worker starts.
 * @throws ConfigError
 */
export async function refuseOtherKeys(client: Client, log: Pick<Logger, 'warn'>): Promise<void> {
  const fit = await triedFit(client, log);
  if (fit === undefined || fit.isOneReadable || fit.unreadable.length === 0) return;
  throw new ConfigError([
    {
      variable: 'EVERTOKEN_ENCRYPTION_KEYS',
      reason:
        `opens none of the running keepers ${unreadableText(fit.unreadable)}; ` +
        'give all workers of a namespace, and whoever applies, the same keys; terminate keepers that were applied with others; ' +
        'of keepers whose key is lost see “A key is lost” in disaster recovery, and of those that were not sealed EVERTOKEN_ALLOW_PLAINTEXT',
    },
  ]);
}

async function triedFit(client: Client, log: Pick<Logger, 'warn'>): Promise<KeyFit | undefined> {
  try {
    const fit = await runningKeyFit(client);
    if (fit === undefined) log.warn('keys could not be tried with enough of the running keepers');
    return fit;
  } catch (error) {
    log.warn('running keepers could not be listed', { error });
    return undefined;
  }
}
