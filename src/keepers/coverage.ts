import type { Encryption } from '../encryption/encryption.js';
import { credentialPath } from '../encryption/key-path.js';

/** Whether this process may read a credential's token. */
export type Coverage = (credentialId: string) => boolean;

/** What the keys of a process cover. Owner keys and plain text cover all credentials, reader keys only their scopes. */
export function coverage({ keyRing }: Encryption): Coverage {
  return (credentialId) => keyRing === undefined || keyRing.covers(credentialPath(credentialId));
}
