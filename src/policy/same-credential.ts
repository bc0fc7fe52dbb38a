import type { CredentialSpec, Json, JsonObject } from '../contract/credential.js';
import { sortedJson } from '../contract/sorted-json.js';

/** Whether an application changes nothing of a credential. */
export function isSameCredential(left: CredentialSpec, right: CredentialSpec): boolean {
  return isSame(comparable(left), comparable(right));
}

/** Whether a refresh would ask the same of the provider: its timing and its group change nothing of that. */
export function asksTheSame(left: CredentialSpec, right: CredentialSpec): boolean {
  const asked = (spec: CredentialSpec): JsonObject => ({
    ...comparable(spec),
    group: null,
    timing: {},
  });
  return isSame(asked(left), asked(right));
}

/** What an application can change; the seed token belongs to the moment of the first start. */
function comparable(spec: CredentialSpec): JsonObject {
  const { group = null, config, material, fingerprints, timing, traits } = spec;
  return { group, config, material, fingerprints, timing: { ...timing }, traits: { ...traits } };
}

function isSame(left: Json, right: Json): boolean {
  return sortedJson(left) === sortedJson(right);
}
