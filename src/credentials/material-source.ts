import { z } from 'zod';
import { isReservedVariable, WORKER_SECRET_VARIABLE } from '../contract/names.js';
import { closestName } from '../settings/closest-name.js';

const REFERENCES = ['$env', '$file', '$workerEnv', '$workerFile'] as const;
const FORMS = `must be text, or one of ${REFERENCES.map((name) => `{ ${name}: … }`).join(', ')}`;

const name = z.string().min(1);
/** POSIX's name of a variable. What is anything else may be the secret itself, so no complaint repeats it. */
const ENVIRONMENT_VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Where a material value comes from: written in the file, read now by whoever applies it (`$env`, `$file`), or
 * read by the worker at each refresh (`$workerEnv`, `$workerFile`).
 */
export const materialSource = z
  .union(
    [
      z.string(),
      z.strictObject({ $env: name }),
      z.strictObject({ $file: name }),
      z.strictObject({ $workerEnv: name }),
      z.strictObject({ $workerFile: name }),
    ],
    { error: ({ input }) => complaint(input) },
  )
  .refine(
    (source) =>
      typeof source === 'string' || !('$env' in source) || ENVIRONMENT_VARIABLE.test(source.$env),
    '$env must name an environment variable; the value itself goes without it',
  )
  .refine(
    (source) =>
      typeof source === 'string' || !('$env' in source) || !isReservedVariable(source.$env),
    '$env may not name a variable of evertoken (other than EVERTOKEN_SECRET_…), Temporal or PostgreSQL',
  )
  .refine(
    (source) =>
      typeof source === 'string' ||
      !('$workerEnv' in source) ||
      WORKER_SECRET_VARIABLE.test(source.$workerEnv),
    '$workerEnv must name a variable of the worker that begins with EVERTOKEN_SECRET_',
  );

/** A checked material value of a credentials file, with nothing read from outside yet. */
export type MaterialSource = z.output<typeof materialSource>;

function complaint(input: unknown): string {
  if (typeof input === 'number' || typeof input === 'boolean')
    return 'must be text; put it in quotes';
  if (typeof input !== 'object' || input === null) return FORMS;
  const known: readonly string[] = REFERENCES;
  const wrong = Object.keys(input).find((key) => !known.includes(key));
  const meant = wrong === undefined ? undefined : closestName(wrong, known);
  return meant === undefined ? FORMS : `${FORMS}; did you mean ${meant}?`;
}
