import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { KEY_BYTES } from './aes-gcm.js';
import { type KeyPath, scopePath } from './key-path.js';

/** What a key id looks like; it travels in clear beside each payload. ARNs of key services fit. */
const KEY_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
/** Scope of a reader key: an id prefix that ends in `/`, or empty for all ids. */
const SCOPE_PATTERN = /^(?:[a-z0-9][a-z0-9._/-]{0,198}\/)?$/;

/** Stands after the id in the place of a key. */
const RETIRED = ':retired';

/** A key of a ring; a `KeyObject` shows no bytes when printed. */
export interface RingKey {
  readonly id: string;
  readonly key: KeyObject;
  /** Path from which a reader key leads on; absent: an owner key. */
  readonly scope?: KeyPath;
}

/** A key ring is not written as it should be. The message names positions, never a part of the text. */
export class KeyRingFormatError extends Error {
  override readonly name = 'KeyRingFormatError';
}

/** Owner keys, and ids of keys that are retired: what they sealed is not believed any more. */
export interface OwnerKeys {
  readonly keys: readonly RingKey[];
  readonly retiredIds: ReadonlySet<string>;
}

/** Reads `id:base64[,id:base64…]`, each key 32 bytes in base64, or the word `retired`. An id may hold colons. */
export function parseKeys(text: string): OwnerKeys {
  const parsed = parseRing(text, (entry, position): { id: string; key?: RingKey['key'] } => {
    const form = 'id:base64';
    if (entry.endsWith(RETIRED)) {
      return { id: checkedId(entry.slice(0, -RETIRED.length), form, position) };
    }
    const { rest, key } = splitKey(entry, form, position);
    return { id: checkedId(rest, form, position), key };
  });
  const keys = parsed.flatMap(({ id, key }) => (key === undefined ? [] : [{ id, key }]));
  if (keys.length === 0) throw new KeyRingFormatError('every key is retired');
  const retired = parsed.filter(({ key }) => key === undefined);
  return { keys, retiredIds: new Set(retired.map(({ id }) => id)) };
}

/** Reads `id:scope:base64[,id:scope:base64…]`. */
export function parseReaderKeys(text: string): readonly RingKey[] {
  return parseRing(text, (entry, position) => {
    const { rest, key } = splitKey(entry, 'id:scope:base64', position);
    const colon = rest.lastIndexOf(':');
    const id = checkedId(rest.slice(0, Math.max(colon, 0)), 'id:scope:base64', position);
    const scope = rest.slice(colon + 1);
    if (!isScope(scope)) {
      throw new KeyRingFormatError(`scope is no id prefix that ends in / [position=${position}]`);
    }
    return { id, key, scope: scopePath(scope) };
  });
}

/** Whether a key of a ring may have this id. */
export function isKeyId(text: string): boolean {
  return KEY_ID_PATTERN.test(text);
}

/** Whether a text is an id prefix that a reader key can be made for: it ends in `/`, or is empty for all ids. */
export function isScope(text: string): boolean {
  return SCOPE_PATTERN.test(text);
}

function parseRing<Entry extends Pick<RingKey, 'id' | 'scope'>>(
  text: string,
  parse: (entry: string, position: number) => Entry,
): readonly Entry[] {
  const keys = text.split(',').map((entry, index) => parse(entry.trim(), index + 1));
  const names = keys.map(({ id, scope }) => JSON.stringify([id, scope]));
  names.forEach((name, index) => {
    if (names.indexOf(name) < index) {
      throw new KeyRingFormatError(`key id appears twice [position=${index + 1}]`);
    }
  });
  return keys;
}

function splitKey(
  entry: string,
  form: string,
  position: number,
): { readonly rest: string; readonly key: KeyObject } {
  const colon = entry.lastIndexOf(':');
  if (colon < 0) throw notWritten(form, position);
  const base64 = entry.slice(colon + 1);
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== base64) {
    throw new KeyRingFormatError(`key is not ${KEY_BYTES} bytes in base64 [position=${position}]`);
  }
  return { rest: entry.slice(0, colon), key: createSecretKey(bytes) };
}

function checkedId(id: string, form: string, position: number): string {
  if (!isKeyId(id)) throw notWritten(form, position);
  return id;
}

function notWritten(form: string, position: number): KeyRingFormatError {
  return new KeyRingFormatError(`key is not written as ${form} [position=${position}]`);
}
