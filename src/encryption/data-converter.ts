import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { Encryption } from './encryption.js';
import { EncryptionCodec, type OnUnsealed } from './payload-codec.js';

/** Module with the failure converter, as `bundleWorkflowCode` and data converters take it. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(
  new URL('../encryption/failure-converter.cjs', import.meta.url),
);

/**
 * The data converter of every worker and client: seals payloads, and failure messages and stack traces with them.
 * Clients reject what is not sealed; workers replace it, since an error would freeze the keeper.
 */
export function createDataConverter(
  encryption: Encryption,
  onUnsealed: OnUnsealed = 'reject',
): DataConverter {
  return {
    payloadCodecs: [new EncryptionCodec(encryption, onUnsealed)],
    failureConverterPath: FAILURE_CONVERTER_PATH,
  };
}
