import { defaultPayloadConverter, METADATA_ENCODING_KEY } from '@temporalio/common';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { defined } from '../contract/defined.js';
import { refusedPayload } from '../contract/refused-payload.js';
import { destined, fitPart, type Owner } from './audience.js';
import type { Encryption } from './encryption.js';
import { type Purpose, PURPOSES, workflowPath } from './key-path.js';
import type { KeyRing, Sealed, SealedPlace } from './key-ring.js';
import { encodingOf } from './payload-json.js';
import { isServerMade } from './server-made-payloads.js';
import { UndecipherableError } from './undecipherable-error.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/** Value of `encoding` of sealed payloads, the same in Temporal's samples of every language. */
const SEALED_ENCODING = 'binary/encrypted';
/** Metadata that names the key of a sealed payload, as in Temporal's samples. */
export const KEY_ID_METADATA = 'encryption-key-id';
/** Metadata of a sealed payload, all of it in clear. */
const METADATA = {
  keyId: KEY_ID_METADATA,
  purpose: 'evertoken-purpose',
  /** Absent from what an operator sends through the codec server. */
  workflowId: 'evertoken-workflow-id',
  /** Only on requests and results of activities. */
  activityId: 'evertoken-activity-id',
  proofs: 'evertoken-key-proofs',
} as const;

/** Longest ID that a Temporal server gives a workflow, unless it is told otherwise. */
const WORKFLOW_ID_MAX_BYTES = 1_000;

/** How a payload that cannot be trusted is answered: by an error, or by a refusal in its place. */
export type OnUnsealed = 'reject' | 'replace';

/**
 * Seals whole payloads, their metadata included, with AES-256-GCM, each bound to its workflow, its activity and its
 * purpose (`docs/encryption.md` has the format to the byte). It refuses what is not sealed, unless plain text is allowed,
 * and what was sealed elsewhere. Otherwise whoever may write to the namespace could, without a key, hand a keeper the
 * material of another one or an old answer of its own.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #encryption: Encryption;
  readonly #onUnsealed: OnUnsealed;

  constructor(encryption: Encryption, onUnsealed: OnUnsealed = 'reject') {
    this.#encryption = encryption;
    this.#onUnsealed = onUnsealed;
  }

  /** Rejects with an `UndecipherableError` where no key of the ring may seal a payload. */
  encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const { keyRing } = this.#encryption;
    return Promise.resolve(payloads).then((all) =>
      keyRing === undefined ? all : all.map((payload) => this.#seal(keyRing, payload, context)),
    );
  }

  /** Rejects with an `UndecipherableError` if any of the payloads cannot be read. */
  decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return Promise.resolve(payloads).then((all) =>
      all.map((payload) => this.#openOrReplace(payload, context)),
    );
  }

  #seal(keyRing: KeyRing, payload: Payload, context: SerializationContext | undefined): Payload {
    const owner = ownerIn(context);
    // The SDK reports errors of workflows without saying of which. A codec that threw there would end the worker.
    const isError = this.#onUnsealed === 'replace' && owner.workflowId === undefined;
    const found = isError ? { purpose: 'owner' as const, part: payload } : destined(payload, owner);
    if (found === undefined) throw new UndecipherableError('not_for_operators');
    const place = placeOf(found.purpose, owner);
    const sealed = keyRing.seal(PayloadMessage.encode(found.part).finish(), place);
    return { metadata: metadataOf(sealed, place, owner, keyRing), data: sealed.bytes };
  }

  /** To a worker only a missing key is an error. Every other one would fail the keeper's task for ever. */
  #openOrReplace(payload: Payload, context: SerializationContext | undefined): Payload {
    try {
      return this.#open(payload, context);
    } catch (error) {
      if (this.#onUnsealed !== 'replace' || !(error instanceof UndecipherableError)) throw error;
      if (error.reason === 'unknown_key') throw error;
      const reason = error.reason === 'not_sealed' ? 'not sealed' : 'forged';
      return defaultPayloadConverter.toPayload(refusedPayload(reason));
    }
  }

  #open(payload: Payload, context: SerializationContext | undefined): Payload {
    if (encodingOf(payload) !== SEALED_ENCODING) {
      if (this.#encryption.allowPlaintext || isServerMade(payload, context)) return payload;
      throw new UndecipherableError('not_sealed');
    }
    const keyId = metadataText(payload, METADATA.keyId);
    const { keyRing } = this.#encryption;
    if (keyRing === undefined) throw new UndecipherableError('unknown_key', keyId);
    const place = placeIn(payload, keyId, context);
    const opened = decodeMessage(openSealed(keyRing, keyId, payload, place), keyId);
    const fit = fitPart(place.purpose, opened, ownerSaidBy(payload));
    // A client may be older than the keeper whose answer it reads. No worker acts on an answer, so it takes none in part.
    const isFit = this.#onUnsealed === 'replace' ? fit === opened : fit !== undefined;
    if (fit === undefined || !isFit) throw new UndecipherableError('not_for_readers', keyId);
    return fit;
  }
}

function metadataOf(
  sealed: Sealed,
  place: SealedPlace,
  { workflowId, activityId }: Owner,
  keyRing: KeyRing,
): Record<string, Uint8Array> {
  const proofs = keyRing.proofs(sealed, place);
  return {
    [METADATA_ENCODING_KEY]: Buffer.from(SEALED_ENCODING),
    [METADATA.keyId]: Buffer.from(sealed.keyId),
    [METADATA.purpose]: Buffer.from(place.purpose),
    ...(workflowId === undefined ? {} : { [METADATA.workflowId]: Buffer.from(workflowId) }),
    ...(activityId === undefined ? {} : { [METADATA.activityId]: Buffer.from(activityId) }),
    ...(proofs.length === 0 ? {} : { [METADATA.proofs]: proofs }),
  };
}

/** The place that a sealed payload names, if it was found there. */
function placeIn(
  payload: Payload,
  keyId: string,
  context: SerializationContext | undefined,
): SealedPlace {
  const said = metadataText(payload, METADATA.purpose);
  const purpose = PURPOSES.find((known) => known === said);
  if (purpose === undefined) throw new UndecipherableError('damaged', keyId);
  if (purpose === 'operator') return placeOf(purpose, {});
  const owner = ownerSaidBy(payload);
  // Whoever wrote the payload names the workflow, and no key can be derived for a longer name.
  if (Buffer.byteLength(owner.workflowId ?? '') > WORKFLOW_ID_MAX_BYTES) {
    throw new UndecipherableError('damaged', keyId);
  }
  const found = ownerIn(context);
  const isMisplaced =
    found.workflowId !== undefined &&
    (owner.workflowId !== found.workflowId || owner.activityId !== found.activityId);
  if (isMisplaced) throw new UndecipherableError('misplaced', keyId);
  return placeOf(purpose, owner);
}

function ownerIn(context: SerializationContext | undefined): Owner {
  const { workflowId } = context ?? {};
  if (workflowId === undefined) return {};
  const activityId = context?.type === 'activity' ? context.activityId : undefined;
  return { workflowId, ...defined({ activityId }) };
}

function ownerSaidBy(payload: Payload): Owner {
  const workflowId = metadataText(payload, METADATA.workflowId);
  const activityId = metadataText(payload, METADATA.activityId);
  return {
    ...(workflowId === '' ? {} : { workflowId }),
    ...(activityId === '' ? {} : { activityId }),
  };
}

function placeOf(purpose: Purpose, { workflowId, activityId }: Owner): SealedPlace {
  const activity = activityId === undefined ? '' : `\n${activityId}`;
  return {
    purpose,
    path: workflowPath(workflowId),
    context: Buffer.from(`evertoken payload\n${purpose}\n${workflowId ?? ''}${activity}`),
  };
}

/** A key without a proof of its id counts as made up, and its payload as damaged. */
function openSealed(
  keyRing: KeyRing,
  keyId: string,
  payload: Payload,
  place: SealedPlace,
): Uint8Array {
  const bytes = payload.data ?? new Uint8Array();
  const isUnknown = !keyRing.keyIds.includes(keyId) && !keyRing.isRetired(keyId);
  const proofs = payload.metadata?.[METADATA.proofs] ?? new Uint8Array();
  if (isUnknown && !keyRing.isProven({ keyId, bytes }, proofs, place)) {
    throw new UndecipherableError('unproven_key', keyId);
  }
  return keyRing.open(keyId, bytes, place);
}

function decodeMessage(bytes: Uint8Array, keyId: string): Payload {
  try {
    return PayloadMessage.decode(bytes);
  } catch {
    // The library's error quotes bytes of the payload.
    throw new UndecipherableError('damaged', keyId);
  }
}

function metadataText(payload: Payload, name: string): string {
  return Buffer.from(payload.metadata?.[name] ?? []).toString();
}
