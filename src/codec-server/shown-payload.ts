import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { Json } from '../contract/credential.js';
import { HIDDEN, redact } from '../contract/redaction.js';
import { encodingOf, jsonIn } from '../encryption/payload-json.js';
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
  if (encodingOf(payload) === 'binary/null') return payload;
  const value = jsonIn(payload) as Json | undefined;
  return defaultPayloadConverter.toPayload(value === undefined ? HIDDEN : readable(value));
}

/** What is nested too deep for the call stack is hidden, and the other payloads of its page are still shown. */
function readable(value: Json): Json {
  try {
    return redact(value);
  } catch {
    return HIDDEN;
  }
}
