import type { z } from 'zod';
import type { Material, MaterialValue } from '../contract/credential.js';
import type { ConfiguredProvider, ProviderFacts, ResolvedMaterial } from './port.js';

/** One thing that is wrong with a credential's material. It names the field, never its value. */
export interface MaterialProblem {
  /** Empty if the problem concerns the material as a whole, such as an unknown field. */
  readonly field: string;
  readonly problem: string;
}

/** Stands in for what only the worker can read, so that the schema can check the rest. */
const UNREAD = 'unread';

/**
 * Checks material when it is applied. What the worker reads at each refresh is still unread then. No reference may stand
 * where a refresh replaces the value, every literal must satisfy the schema, and every field that this configuration
 * needs must be there. An empty result means that the material can be used.
 */
export function appliedMaterialProblems(
  provider: ConfiguredProvider,
  material: Material,
): readonly MaterialProblem[] {
  const references = Object.keys(material).filter((field) => isReference(material[field]));
  return [
    ...references
      .filter((field) => provider.material[field]?.isReplaced)
      .map((field) => ({ field, problem: 'must be given as a value, $env or $file' })),
    ...schemaProblems(provider, material, references),
    ...missing(provider.requiredFields, material),
  ];
}

function isReference(value: MaterialValue | undefined): boolean {
  return typeof value === 'object';
}

function schemaProblems(
  provider: ProviderFacts,
  material: Material,
  references: readonly string[],
): readonly MaterialProblem[] {
  const checked = provider.materialSchema.safeParse(withPlaceholders(material));
  return (checked.error?.issues ?? [])
    .map(problemOf)
    .filter(
      ({ field }) =>
        !references.includes(field) && (field === '' || Object.hasOwn(material, field)),
    );
}

function problemOf(issue: z.core.$ZodIssue): MaterialProblem {
  return { field: issue.path.join('.'), problem: issue.message };
}

function withPlaceholders(material: Material): ResolvedMaterial {
  return Object.fromEntries(
    Object.entries(material).map(([field, value]) => [
      field,
      typeof value === 'string' ? value : UNREAD,
    ]),
  );
}

/** A field that the schema itself requires is reported here, and only here. */
function missing(required: readonly string[], material: Material): readonly MaterialProblem[] {
  return required
    .filter((field) => !Object.hasOwn(material, field))
    .map((field) => ({ field, problem: 'is missing' }));
}
