import type { CredentialSpec } from '../contract/credential.js';
import type { RefreshResult } from '../contract/refresh-activity.js';

/**
 * A result of a later login reaches a keeper that was reset to before it. Unless it learns what was applied then, the
 * next application of that file would bring back material that rotation has spent since.
 */
export function specAfter(spec: CredentialSpec, result: RefreshResult): CredentialSpec {
  const material = { ...spec.material, ...result.replacedMaterial };
  const { spentField } = spec.traits;
  const isSameLogin =
    !Object.hasOwn(result.replacedMaterial, spentField) ||
    spec.fingerprints[spentField] === result.lineage;
  // The same object, not an equal one: what is another object is published anew.
  if (isSameLogin) return { ...spec, material };
  return {
    ...spec,
    material,
    fingerprints: { ...spec.fingerprints, [spentField]: result.lineage },
  };
}
