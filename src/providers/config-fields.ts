import { z } from 'zod';
import { looksLikeSecretName } from '../contract/secret-names.js';
import { isSecretSafe } from './wire/destination.js';

/** Schema of an address that material may be sent to. */
export const secureUrl = z
  .url()
  .refine(
    (text) => URL.canParse(text) && isSecretSafe(new URL(text)) && !text.includes('#'),
    'must be https (http on loopback only), without user or fragment',
  )
  .refine(
    (text) =>
      !URL.canParse(text) || ![...new URL(text).searchParams.keys()].some(looksLikeSecretName),
    'must have no secret in its query: a configuration is shown to operators',
  );

/** Schema of an address that a provider's paths are appended to. */
export const baseUrl = secureUrl.refine((text) => !text.includes('?'), 'must have no query');

/** Schema of `rotates` where the provider's page does not say what becomes of the spent material. */
export const rotates = z
  .boolean()
  .describe(
    'Whether a refresh kills the material that it spent: then a lost answer is handled with care',
  );
