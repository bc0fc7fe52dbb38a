import { createHash } from 'node:crypto';

/**
 * SHA-256 in hex of a secret. It names a lineage, so what applies material and what spends it must get the same for the same
 * text.
 */
export function fingerprintOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
