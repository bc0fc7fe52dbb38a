/**
 * Whether a credential is in a scope: a credential id, or the beginning of ids up to a `/`; empty for all. Without the `/`
 * the scope of one owner would cover the ids of another that go on differently, as `acme` those of `acmecorp/`.
 */
export function isInScope(scope: string, credentialId: string): boolean {
  return scope === '' || scope.endsWith('/')
    ? credentialId.startsWith(scope)
    : credentialId === scope;
}
