import type { CredentialSpec } from '../contract/credential.js';
import type { JournalEntry, KeptLogin } from '../contract/journal-entry.js';
import type { EarlierLogin, KeeperState } from '../contract/keeper.js';
import type { Lineage, RefreshRequest } from '../contract/refresh-activity.js';

/** The lineage of a credential's material: the fingerprint of what a refresh spends, as it was applied. */
export function lineageOf({
  fingerprints,
  traits,
}: Pick<CredentialSpec, 'fingerprints' | 'traits'>): string {
  return fingerprints[traits.spentField] ?? '';
}

/** Which login a keeper's material descends from. */
export function keeperLineage(state: KeeperState): Lineage {
  const { epoch, earlierLogins } = state;
  return { lineage: lineageOf(state.spec), epoch, earlierLogins };
}

/**
 * How a keeper's material stands to the journal's entry: of the same login; of one that the entry knows as replaced;
 * or of a login that the entry does not know yet. An operator's return to a replaced login makes that a new one, unless a
 * later application is known: then the return is an old one.
 */
export type Relation = 'same' | 'replaced' | 'new';

export function relationTo(
  entry: Pick<JournalEntry, 'lineage' | 'application' | 'earlierLogins'>,
  request: Pick<RefreshRequest, 'lineage' | 'application' | 'returns'>,
): Relation {
  if (entry.lineage === request.lineage) return 'same';
  const isReplaced = loginOf(entry.earlierLogins, request.lineage) !== undefined;
  const isReturn = request.returns === true && request.application > entry.application;
  return isReplaced && !isReturn ? 'replaced' : 'new';
}

/** The login of that lineage among earlier ones. */
export function loginOf<Login extends EarlierLogin>(
  logins: readonly Login[],
  lineage: string,
): Login | undefined {
  return logins.find((login) => login.lineage === lineage);
}

/** What the journal's entry holds of the login of that lineage, its own or an earlier one. */
export function recordOf<Login extends EarlierLogin, Entry extends Pick<JournalEntry, 'lineage'>>(
  entry: (Entry & { readonly earlierLogins: readonly Login[] }) | undefined,
  lineage: string,
): Entry | Login | undefined {
  return entry?.lineage === lineage ? entry : loginOf(entry?.earlierLogins ?? [], lineage);
}

/**
 * Whether a result is of a login that the keeper's own has replaced. It is not if an operator has returned to that login
 * since: then the result knows the keeper's login as the one that was replaced later, as after a reset.
 */
export function isOfReplacedLogin(result: Lineage, keeper: Lineage): boolean {
  const replaced = loginOf(keeper.earlierLogins, result.lineage);
  const since = loginOf(result.earlierLogins, keeper.lineage);
  return replaced !== undefined && (since?.replacedAtMs ?? 0) <= replaced.replacedAtMs;
}

/** Logins of several lists without that of `present`, the newest first, each once, at most `max` of them. */
export function earlierLogins<Login extends EarlierLogin>(
  present: string,
  max: number,
  ...lists: readonly (readonly Login[])[]
): readonly Login[] {
  const known = new Map<string, Login>();
  for (const login of lists.flat()) {
    if (login.lineage !== present && !known.has(login.lineage)) known.set(login.lineage, login);
  }
  return [...known.values()]
    .sort((left, right) => right.replacedAtMs - left.replacedAtMs)
    .slice(0, max);
}

/** An earlier login as keepers know it: the answer stays in the journal. */
export function withoutAnswer({ lineage, replacedAtMs }: KeptLogin): EarlierLogin {
  return { lineage, replacedAtMs };
}
