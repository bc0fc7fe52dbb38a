import type { CredentialSpec } from '../contract/credential.js';
import type { RefreshResult } from '../contract/refresh-activity.js';

/**
 * The credential once a result is adopted. The result may be of a later login, if the keeper was reset to before it. The
 * keeper then learns what was applied for that login: otherwise the next application of the same file would bring back
 * material that has been spent since.
 */
export function specAfter(spec: CredentialSpec, result: RefreshResult): CredentialSpec {
  const material = { ...spec.material, ...result.replacedMaterial };
  const { spentField } = spec.traits;
  const isSameLogin =
    !Object.hasOwn(result.replacedMaterial, spentField) ||
    spec.fingerprints[spentField] === result.lineage;
  // With the same `fingerprints`, and not with equal ones: another object is published anew.
  if (isSameLogin) return { ...spec, material };
  return {
    ...spec,
    material,
    fingerprints: { ...spec.fingerprints, [spentField]: result.lineage },
  };
}
