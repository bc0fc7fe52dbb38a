import { z } from 'zod';
import type { Json } from '../contract/credential.js';
import { CREDENTIAL_ID_PATTERN, GROUP_PATTERN } from '../contract/names.js';
import { DURATION_FORM, parseDuration } from './duration.js';
import { materialSource } from './material-source.js';

const duration = z.string({ error: `must be ${DURATION_FORM}` }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: `must be ${DURATION_FORM}` });
  return z.NEVER;
});

/** One credential as a credentials file writes it; the provider judges `config` and `material`. */
export const credentialEntrySchema = z.strictObject({
  id: z
    .string()
    .regex(
      CREDENTIAL_ID_PATTERN,
      'must begin with a-z or 0-9, then a-z 0-9 . _ / -, at most 200 characters',
    ),
  provider: z.string().min(1),
  group: z
    .string()
    .regex(GROUP_PATTERN, 'must begin with a-z or 0-9, then a-z 0-9 -, at most 63 characters')
    .exactOptional(),
  config: z.record(z.string(), z.json() as z.ZodType<Json>).default({}),
  material: z.record(z.string(), materialSource).default({}),
  refresh: z
    .strictObject({
      lead: duration.exactOptional(),
      minimumAge: duration.exactOptional(),
      defaultLifetime: duration.exactOptional(),
      maxLifetime: duration.exactOptional(),
    })
    .default({}),
});

/** A checked entry of a credentials file, with nothing read from outside yet. */
export type CredentialEntry = z.output<typeof credentialEntrySchema>;
