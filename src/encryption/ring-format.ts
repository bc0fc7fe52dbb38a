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
  /** Of a reader key: what proves its id to those who lack the key, from the same path (see `provingKey`). */
  readonly proving?: readonly KeyObject[];
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

/** Reads `id:scope:base64[:base64…][,…]`: the key, and after it the keys that prove its id, if there are any. */
export function parseReaderKeys(text: string): readonly RingKey[] {
  return parseRing(text, (entry, position) => {
    const form = 'id:scope:base64';
    const parts = entry.split(':');
    // Neither an id nor a scope ends in `=`, as 32 bytes in base64 do. An id may hold colons.
    const keysAt = parts.findLastIndex((part) => keyFrom(part) === undefined) + 1;
    const [key, ...proving] = parts.slice(keysAt).flatMap((part) => keyFrom(part) ?? []);
    if (key === undefined) throw parts.length < 2 ? notWritten(form, position) : notAKey(position);
    const id = checkedId(parts.slice(0, Math.max(keysAt - 1, 0)).join(':'), form, position);
    const scope = parts[keysAt - 1] ?? '';
    if (!isScope(scope)) {
      throw new KeyRingFormatError(`scope is no id prefix that ends in / [position=${position}]`);
    }
    return { id, key, scope: scopePath(scope), proving };
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
  const key = keyFrom(entry.slice(colon + 1));
  if (key === undefined) throw notAKey(position);
  return { rest: entry.slice(0, colon), key };
}

function keyFrom(base64: string): KeyObject | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== base64) return undefined;
  return createSecretKey(bytes);
}

function checkedId(id: string, form: string, position: number): string {
  if (!isKeyId(id)) throw notWritten(form, position);
  return id;
}

function notWritten(form: string, position: number): KeyRingFormatError {
  return new KeyRingFormatError(`key is not written as ${form} [position=${position}]`);
}

function notAKey(position: number): KeyRingFormatError {
  return new KeyRingFormatError(`key is not ${KEY_BYTES} bytes in base64 [position=${position}]`);
}
