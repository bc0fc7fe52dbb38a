/** Why something sealed could not be read. */
export type UndecipherableReason =
  /** The ring has no key of this id. */
  | 'unknown_key'
  /** The key of this id does not open it: another key under the same id, or damaged bytes. */
  | 'damaged'
  /** It is not sealed, and plain text is not allowed. */
  | 'not_sealed'
  /** It was sealed for another workflow. */
  | 'misplaced'
  /** A reader's key sealed what readers may not know or send. */
  | 'not_for_readers'
  /** Only a forced refresh is sealed without the workflow that it is for. */
  | 'not_for_operators'
  /** The ring says that the key of this id is retired. */
  | 'retired_key'
  /** The ring has no key of this id, and nothing shows that there is one. */
  | 'unproven_key'
  /** Only an owner key opens or seals it. */
  | 'owner_key_needed'
  /** The reader keys cover other credentials. */
  | 'out_of_scope';

const MESSAGES: Readonly<Record<UndecipherableReason, string>> = {
  unknown_key: 'sealed with a key that is not in the ring',
  damaged: 'does not open with the key that it names',
  not_sealed: 'not sealed, and plain text is not allowed',
  misplaced: 'sealed for another workflow',
  not_for_readers: 'sealed for readers, who may neither know nor send it',
  not_for_operators:
    'only a forced refresh that names its credential can be sealed without its workflow',
  retired_key: 'sealed with a key that is retired',
  unproven_key: 'sealed with a key that is not in the ring',
  owner_key_needed: 'takes an owner key, of EVERTOKEN_ENCRYPTION_KEYS',
  out_of_scope: 'outside of the scope of the reader keys',
};

/** What a key id may hold to be shown: it comes from the payload, so from whoever wrote it. */
const SHOWABLE_KEY_ID = /^[\w.:/-]{1,128}$/;

/** A payload or journal entry that cannot be read. Its message names the key id and nothing else. */
export class UndecipherableError extends Error {
  override readonly name = 'UndecipherableError';
  readonly reason: UndecipherableReason;
  /** Absent when no key is named, or by a name that is not fit to be shown. */
  readonly keyId?: string;

  constructor(reason: UndecipherableReason, keyId?: string) {
    const shown = keyId !== undefined && SHOWABLE_KEY_ID.test(keyId) ? keyId : undefined;
    super(MESSAGES[reason] + (shown === undefined ? '' : ` [keyId=${shown}]`));
    this.reason = reason;
    if (shown !== undefined) this.keyId = shown;
  }
}

/** Reasons that another key would not change: whoever wrote the payload had no key for this place. */
const MADE_UP: readonly UndecipherableReason[] = [
  'not_sealed',
  'damaged',
  'misplaced',
  'not_for_readers',
  'unproven_key',
  'retired_key',
];

/** Whether something was written without a key, or for another place, so that nobody can read it. */
export function isMadeUp({ reason }: UndecipherableError): boolean {
  return MADE_UP.includes(reason);
}

/**
 * With what something was sealed that another ring might read, for people; `undefined` where no ring could. No ring has a key
 * whose id cannot be shown.
 */
export function otherKeyOf({ reason, keyId }: UndecipherableError): string | undefined {
  switch (reason) {
    case 'not_sealed':
      return 'no key';
    case 'unknown_key':
    case 'unproven_key':
      return keyId;
    case 'damaged':
      return keyId && `another key of the id ${keyId}`;
    default:
      return undefined;
  }
}

/** As `otherKeyOf`, and also the key that this ring says is retired, although something is sealed with it still. */
export function neededKeyOf(error: UndecipherableError): string | undefined {
  const { reason, keyId = 'a key' } = error;
  return reason === 'retired_key' ? `${keyId}, which is retired here` : otherKeyOf(error);
}

/** The error for what opened and is not ours. */
export function madeUp(): UndecipherableError {
  return new UndecipherableError('not_sealed');
}

/** Whether only owners may read it. */
export function isForOwners({ reason }: UndecipherableError): boolean {
  return reason === 'owner_key_needed';
}
