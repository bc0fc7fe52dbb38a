import type { CredentialSpec } from '../contract/credential.js';

/** Configuration fields that name where requests go, the nearest to the request first. */
const ADDRESS_FIELDS = ['tokenEndpoint', 'issuer', 'baseUrl'] as const;
/** `scheme://host[:port]`, of which the name is wanted. */
const HOST = /^[a-z]+:\/\/([^/?#@]+)(?:[/?#]|$)/i;
/** What the server takes, in bytes. */
const KEY_MAX_BYTES = 64;
const NOT_ASCII = /[^\x21-\x7e]/g;

/**
 * Temporal's fairness key of a credential's refreshes: the host that its configuration names. A server that has fairness
 * then lets no host's backlog go before all others. Absent if the provider alone decides the host.
 */
export function fairnessKey({ config }: Pick<CredentialSpec, 'config'>): string | undefined {
  for (const field of ADDRESS_FIELDS) {
    const address = config[field];
    const host = typeof address === 'string' ? HOST.exec(address)?.[1] : undefined;
    // The end tells hosts of one service apart from those of others, and two that it does not only share a turn.
    if (host !== undefined) return asciiOf(host.toLowerCase()).slice(-KEY_MAX_BYTES);
  }
  return undefined;
}

/** A key that is longer than the server takes would fail the keeper's task again and again. */
function asciiOf(host: string): string {
  return host.replace(NOT_ASCII, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
