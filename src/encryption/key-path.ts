import { createSecretKey, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { credentialIdOf } from '../contract/names.js';
import { KEY_BYTES } from './aes-gcm.js';

/**
 * What a key is derived for: all that only owners may know; what services read and ask with a reader key; what rests in
 * the refresh journal; and what an operator sends through the codec server, which knows of no workflow.
 */
export const PURPOSES = ['owner', 'reader', 'journal', 'operator'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Steps from one key to the next. */
export type KeyPath = readonly string[];

/** No salt: the input is a uniformly random key already (RFC 5869, section 3.1). */
const NO_SALT = Buffer.alloc(0);
const INFO_PREFIX = 'evertoken/1 ';

/** The key that is a path below another one: HKDF-SHA256 (RFC 5869) for each step. */
export function derivedKey(parent: KeyObject, path: KeyPath): KeyObject {
  return path.reduce(
    (key, step) =>
      createSecretKey(
        Buffer.from(hkdfSync('sha256', key, NO_SALT, `${INFO_PREFIX}${step}`, KEY_BYTES)),
      ),
    parent,
  );
}

/** Path of a scope, an id prefix that ends in `/`, or empty for all: whoever has its key derives all below it. */
export function scopePath(scope: string): KeyPath {
  return scope
    .split('/')
    .slice(0, -1)
    .map((folder) => `folder:${folder}`);
}

/** Path of one credential. Its last step differs from a folder's, so `acme` and `acme/` share no key. */
export function credentialPath(credentialId: string): KeyPath {
  const end = credentialId.lastIndexOf('/') + 1;
  return [...scopePath(credentialId.slice(0, end)), `id:${credentialId.slice(end)}`];
}

/** Path of what belongs to a workflow; without one, what an operator sends. */
export function workflowPath(workflowId: string | undefined): KeyPath {
  if (workflowId === undefined) return [];
  const credentialId = credentialIdOf(workflowId);
  return credentialId === undefined ? [`workflow:${workflowId}`] : credentialPath(credentialId);
}

/** Whether a path leads through another one. */
export function isBelow(path: KeyPath, scope: KeyPath): boolean {
  return scope.every((step, index) => path[index] === step);
}
