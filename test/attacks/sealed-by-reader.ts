import type { Payload } from '@temporalio/common';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { credentialPath } from '../../src/encryption/key-path.js';
import { KeyRing } from '../../src/encryption/key-ring.js';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

/** What is sealed, for which credential, and as the answer of which activity, if of any. */
interface Sealed {
  readonly json: string;
  readonly credentialId: string;
  readonly activityId?: string;
}

/** Seals any JSON with a reader key of `team/`, as no code of ours would. `ownerKeys` are those of the fleet. */
export function sealedByReader(
  ownerKeys: string,
  { json, credentialId, activityId }: Sealed,
): Payload {
  const ring = KeyRing.parseReaderKeys(KeyRing.parse(ownerKeys).readerKeys('team/').join());
  const workflowId = keeperWorkflowId(credentialId);
  const owner = activityId === undefined ? workflowId : `${workflowId}\n${activityId}`;
  const payload = { ...defaultPayloadConverter.toPayload(1), data: Buffer.from(json) };
  const { keyId, bytes } = ring.seal(PayloadMessage.encode(payload).finish(), {
    purpose: 'reader',
    path: credentialPath(credentialId),
    context: Buffer.from(`evertoken payload\nreader\n${owner}`),
  });
  return {
    metadata: {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from(keyId),
      'evertoken-purpose': Buffer.from('reader'),
      'evertoken-workflow-id': Buffer.from(workflowId),
      ...(activityId === undefined ? {} : { 'evertoken-activity-id': Buffer.from(activityId) }),
    },
    data: bytes,
  };
}
