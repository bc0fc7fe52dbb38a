import type { CredentialSpec } from '../contract/credential.js';
import type { PublishedAnswer, PublishedSettings } from '../contract/published-answer.js';
import { lineageOf } from './lineage.js';

type Login = Pick<CredentialSpec, 'provider' | 'fingerprints' | 'traits'>;

/** What a refresh spends, as it was applied: the same text under every id, since providers do not know our ids. */
export function loginKey(login: Login): string {
  return `${login.provider} ${lineageOf(login)}`;
}

/** What a keeper has published of the login that it keeps. */
export interface KeptLoginFacts {
  readonly settings: PublishedSettings;
  /** Absent if it cannot be read. */
  readonly answer: Pick<PublishedAnswer, 'generation'> | undefined;
  readonly isRunning: boolean;
}

/**
 * Whether a keeper spends, or has spent, what a credential of another id would spend. One that ended without a refresh has
 * left the login as it was.
 */
export function spendsLoginOf(
  { settings, answer, isRunning }: KeptLoginFacts,
  spec: Pick<CredentialSpec, 'id'> & Login,
): boolean {
  if (settings.id === spec.id || loginKey(settings) !== loginKey(spec)) return false;
  const rotates = settings.traits.rotates || spec.traits.rotates;
  return rotates && (isRunning || answer?.generation !== 0);
}

/** What whoever applies the login of another id should do. */
export function sharedLoginMessage({ traits }: Login, keptAs: string): string {
  return (
    `its ${traits.spentField} is the one that ${keptAs} was applied with, and a refresh spends it: to send it for this id, too, could end the grant of both; ` +
    `keep the id ${keptAs}, or obtain a login of its own for this one`
  );
}
