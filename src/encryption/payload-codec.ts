import { defaultPayloadConverter, METADATA_ENCODING_KEY } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { REFUSED_PAYLOAD } from '../contract/refused-payload.js';
import type { Encryption } from './encryption.js';
import type { KeyRing } from './key-ring.js';
import { isServerMade } from './server-made-payloads.js';
import { UndecipherableError } from './undecipherable-error.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/** Value of `encoding` of sealed payloads, the same in Temporal's samples of every language. */
const SEALED_ENCODING = 'binary/encrypted';
const KEY_ID_METADATA = 'encryption-key-id';

/** What becomes of a payload that is not sealed: the reader gets an error, or `REFUSED_PAYLOAD` in its place. */
export type OnUnsealed = 'reject' | 'replace';

/**
 * Seals whole payloads, their metadata included, with AES-256-GCM. It is wire-compatible with Temporal's
 * encryption samples, save that it refuses what is not sealed unless plain text is allowed: whoever may write
 * to the namespace could otherwise hand a keeper new material without having a key.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #encryption: Encryption;
  readonly #onUnsealed: OnUnsealed;

  constructor(encryption: Encryption, onUnsealed: OnUnsealed = 'reject') {
    this.#encryption = encryption;
    this.#onUnsealed = onUnsealed;
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    const { keyRing } = this.#encryption;
    return Promise.resolve(
      keyRing === undefined ? payloads : payloads.map((payload) => seal(keyRing, payload)),
    );
  }

  /** Rejects with an `UndecipherableError` if any of the payloads cannot be read. */
  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads).then((all) => all.map((payload) => this.#open(payload)));
  }

  #open(payload: Payload): Payload {
    if (metadataText(payload, METADATA_ENCODING_KEY) !== SEALED_ENCODING) {
      if (this.#encryption.allowPlaintext || isServerMade(payload)) return payload;
      if (this.#onUnsealed === 'replace') return defaultPayloadConverter.toPayload(REFUSED_PAYLOAD);
      throw new UndecipherableError('not_sealed');
    }
    const keyId = metadataText(payload, KEY_ID_METADATA);
    const { keyRing } = this.#encryption;
    if (keyRing === undefined) throw new UndecipherableError('unknown_key', keyId);
    return decodeMessage(keyRing.open(keyId, payload.data ?? new Uint8Array()), keyId);
  }
}

function seal(keyRing: KeyRing, payload: Payload): Payload {
  const { keyId, bytes } = keyRing.seal(PayloadMessage.encode(payload).finish());
  return {
    metadata: {
      [METADATA_ENCODING_KEY]: Buffer.from(SEALED_ENCODING),
      [KEY_ID_METADATA]: Buffer.from(keyId),
    },
    data: bytes,
  };
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
