import { isInScope } from '../contract/scope.js';

/** Which credentials may use a secret of the worker, and where it may be sent. */
export interface SecretRule {
  /** Variable, or `file:` and the path as `$workerFile` gives it; a `*` at the end stands for any rest. */
  readonly secret: string;
  /** Credential id, or the beginning of ids up to a `/`; `*` for all. */
  readonly scope: string;
  /** Host as `EVERTOKEN_ALLOWED_HOSTS` writes it; absent: every host. */
  readonly host?: string;
}

/** What the rules say of one secret for one credential. */
export type SecretUse =
  { readonly mayUse: false } | { readonly mayUse: true; readonly hosts?: readonly string[] };

/** Without rules every credential may use every secret; with rules, a secret that none names is nobody's. */
export function secretUse(
  rules: readonly SecretRule[] | undefined,
  secret: string,
  credentialId: string,
): SecretUse {
  if (rules === undefined) return { mayUse: true };
  const ours = rules.filter(
    (rule) =>
      isNamed(rule.secret, secret) && (rule.scope === '*' || isInScope(rule.scope, credentialId)),
  );
  if (ours.length === 0) return { mayUse: false };
  const hosts = ours.flatMap(({ host }) => (host === undefined ? [] : [host]));
  return hosts.length < ours.length ? { mayUse: true } : { mayUse: true, hosts };
}

function isNamed(pattern: string, secret: string): boolean {
  return pattern.endsWith('*') ? secret.startsWith(pattern.slice(0, -1)) : secret === pattern;
}
