import { METADATA_ENCODING_KEY, defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { Json } from '../contract/credential.js';
import { HIDDEN, redact } from '../contract/redaction.js';
import { UndecipherableError } from '../encryption/undecipherable-error.js';

/**
 * A payload as operators may see it: opened, and without secrets. One that cannot be opened becomes a text that says
 * why. A page with such a payload then still shows all others.
 */
export async function shownPayload(codec: PayloadCodec, payload: Payload): Promise<Payload> {
  try {
    const [opened = payload] = await codec.decode([payload]);
    return withoutSecrets(opened);
  } catch (error) {
    if (!(error instanceof UndecipherableError)) throw error;
    // Whoever asks has it already, since it is not sealed; it is still shown without secrets.
    if (error.reason === 'not_sealed') return withoutSecrets(payload);
    return defaultPayloadConverter.toPayload(`[${error.message}]`);
  }
}

function withoutSecrets(payload: Payload): Payload {
  const encoding = Buffer.from(payload.metadata?.[METADATA_ENCODING_KEY] ?? []).toString();
  if (encoding === 'binary/null') return payload;
  return defaultPayloadConverter.toPayload(encoding === 'json/plain' ? readable(payload) : HIDDEN);
}

function readable(payload: Payload): Json {
  try {
    return redact(JSON.parse(Buffer.from(payload.data ?? []).toString()) as Json);
  } catch {
    return HIDDEN;
  }
}
