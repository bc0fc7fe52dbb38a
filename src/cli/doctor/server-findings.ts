import { visibleLine } from '../../contract/visible-text.js';
import { namespaceRetentionMs } from '../../keepers/namespace-retention.js';
import { missingSearchAttributes } from '../../keepers/search-attributes.js';
import { MIN_RETENTION_MS } from '../../policy/fleet-numbers.js';
import { withDeadline } from '../../temporal/connection.js';
import type { CliSession } from '../session.js';
import { spanText } from '../time-text.js';
import type { Finding } from './finding.js';

/** Whether secrets are sealed. */
export function encryptionFinding({ config }: CliSession): Finding {
  const check = 'encryption';
  const { keyRing } = config.encryption;
  return keyRing === undefined
    ? {
        level: 'warn',
        check,
        problem: 'plaintext',
        text: 'secrets are kept in plain text; make a key and set EVERTOKEN_ENCRYPTION_KEYS',
        repair: 'evertoken keys generate',
      }
    : { level: 'ok', check, text: `seals with key ${keyRing.sealingKeyId}` };
}

/** Which server it is. Rejects if it does not answer. */
export async function serverFinding({ client, target }: CliSession): Promise<Finding> {
  const { serverVersion } = await withDeadline(client.connection, () =>
    client.workflowService.getSystemInfo({}),
  );
  return {
    level: 'ok',
    check: 'server',
    text: `Temporal ${visibleLine(serverVersion)} at ${target.address}, namespace ${target.namespace}`,
  };
}

/** Whether the server remembers an ended keeper for long enough. */
export async function retentionFinding({ client, target }: CliSession): Promise<Finding> {
  const check = 'retention';
  const retentionMs = await namespaceRetentionMs(client);
  return retentionMs >= MIN_RETENTION_MS
    ? { level: 'ok', check, text: spanText(retentionMs) }
    : {
        level: 'warn',
        check,
        problem: 'short',
        text: `${spanText(retentionMs)}; a failed credential answers no longer than that`,
        repair: `temporal operator namespace update --retention ${spanText(MIN_RETENTION_MS)} -n ${target.namespace}`,
      };
}

/** Whether operators can filter keepers. */
export async function searchAttributesFinding({ client, config }: CliSession): Promise<Finding> {
  const check = 'search attributes';
  const use = config.searchAttributes;
  if (use === 'off') {
    return { level: 'ok', check, text: 'switched off by EVERTOKEN_SEARCH_ATTRIBUTES' };
  }
  const missing = await missingSearchAttributes(client).catch(() => undefined);
  if (missing === undefined) {
    const text = 'this server does not say; keepers run without';
    return { level: 'warn', check, problem: 'unknown', text };
  }
  return missing.length === 0
    ? { level: 'ok', check, text: 'registered' }
    : {
        level: 'warn',
        check,
        problem: 'missing',
        text:
          use === 'on'
            ? `the server does not name ${missing.join(', ')}, although EVERTOKEN_SEARCH_ATTRIBUTES=on says that they are there`
            : `missing ${missing.join(', ')}; apply registers them where the server allows it`,
      };
}
