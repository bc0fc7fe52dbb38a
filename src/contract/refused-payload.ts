/** Why a worker does not believe a payload: nobody sealed it, or it was sealed elsewhere, damaged or made up. */
export type RefusalReason = 'not sealed' | 'forged';

/**
 * What a worker reads in place of a payload that it does not believe. A codec that threw instead would fail the workflow
 * task for ever: one careless `temporal workflow signal --input` would freeze a credential.
 */
export function refusedPayload(reason: RefusalReason): {
  readonly evertokenRefused: RefusalReason;
} {
  return { evertokenRefused: reason };
}

/** Whether a message was refused because nobody sealed it. */
export function isUnsealed(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'evertokenRefused' in value &&
    value.evertokenRefused === ('not sealed' satisfies RefusalReason)
  );
}
