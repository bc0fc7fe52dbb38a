/**
 * What a worker reads in place of a payload that was not sealed. A codec that threw instead would fail the
 * workflow task for ever: one careless `temporal workflow signal --input` would freeze a credential.
 */
export const REFUSED_PAYLOAD = { evertokenRefused: 'the payload was not sealed' } as const;

/** Whether a message was refused because it was not sealed. */
export function isRefused(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'evertokenRefused' in value;
}
