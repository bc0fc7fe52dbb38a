import { LOOPBACK } from '../../contract/loopback.js';
import { DEV_FILES } from '../../dev-server/dev-files.js';
import { devKey, readDevKey } from '../../dev-server/dev-key.js';
import type { DevSealing } from '../../dev-server/dev-session.js';
import type { Config } from '../../settings/config.js';

/** The forms in which a caller may name keys, or do without. */
const KEY_FORMS = [
  'EVERTOKEN_ENCRYPTION_KEYS',
  'EVERTOKEN_ENCRYPTION_KEYS_FILE',
  'EVERTOKEN_READER_KEYS',
  'EVERTOKEN_READER_KEYS_FILE',
  'EVERTOKEN_ALLOW_PLAINTEXT',
];
const JOURNAL_FORMS = [
  'EVERTOKEN_JOURNAL_DIR',
  'EVERTOKEN_JOURNAL_URL',
  'EVERTOKEN_JOURNAL_URL_FILE',
];

/**
 * The caller's settings, with a key and places of a dev environment where they name none in any form. What is filled in may
 * contradict nothing of theirs.
 */
export function settledVariables(env: NodeJS.ProcessEnv, uiPort: number): NodeJS.ProcessEnv {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  const places = Object.entries({
    EVERTOKEN_CODEC_ADDRESS: `${LOOPBACK}:0`,
    EVERTOKEN_CODEC_ENCODE: 'true',
    EVERTOKEN_ALLOW_LOOPBACK: 'true',
    EVERTOKEN_CODEC_CORS_ORIGINS: `http://${LOOPBACK}:${uiPort},http://localhost:${uiPort}`,
  });
  return {
    ...env,
    ...Object.fromEntries(places.filter(([name]) => !isSet(name))),
    ...(JOURNAL_FORMS.some(isSet) ? {} : { EVERTOKEN_JOURNAL_DIR: DEV_FILES.journal }),
    ...(KEY_FORMS.some(isSet) ? {} : { EVERTOKEN_ENCRYPTION_KEYS: devKey() }),
  };
}

/** Whether commands find the key with which a dev environment of these settings seals. */
export function sealingOf(
  { EVERTOKEN_ENCRYPTION_KEYS: keys }: NodeJS.ProcessEnv,
  { encryption: { keyRing } }: Pick<Config, 'encryption'>,
): DevSealing {
  if (keyRing === undefined) return 'plain-text';
  return keys !== undefined && keys === readDevKey() ? 'dev-key' : 'own-keys';
}
