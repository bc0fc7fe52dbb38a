import type { CredentialSpec } from '../contract/credential.js';
import { loginKey } from '../policy/shared-login.js';
import type { EntryProblem } from './parse-entries.js';

/**
 * Entries whose refreshes would spend what another entry holds: two keepers of one single-use token end the grant of both.
 * Fingerprints are compared, so that a reference to the worker's secrets equals only the same reference.
 */
export function sharedMaterial(
  specs: readonly (CredentialSpec | undefined)[],
): readonly EntryProblem[] {
  const holders = new Map<string, CredentialSpec>();
  return specs.flatMap((spec, index) => {
    if (spec === undefined) return [];
    const { id, traits } = spec;
    const key = loginKey(spec);
    const first = holders.get(key);
    if (first === undefined) {
      holders.set(key, spec);
      return [];
    }
    if (first.id === id || !(first.traits.rotates || traits.rotates)) return [];
    return [
      {
        index,
        path: ['material', traits.spentField],
        reason:
          `is the same as of credential ${first.id}, and the first refresh of either spends it; give each a login of its own, ` +
          'or set rotates: false in the config of both if a refresh spends nothing',
      },
    ];
  });
}
