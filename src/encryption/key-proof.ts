import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { derivedKey, type KeyPath, type Purpose } from './key-path.js';

/** Bytes of each proof. */
const PROOF_BYTES = 16;

/**
 * The key with which an owner key proves that there is a key of another id, for a purpose and below a path. It begins apart
 * from all that a reader key leads to: a service gets it only for the ids of keys that an owner has, so it proves no other.
 */
export function provingKey(
  owner: KeyObject,
  purpose: Purpose,
  keyId: string,
  path: KeyPath,
): KeyObject {
  return derivedKey(owner, [`proof:${purpose}`, `key:${keyId}`, ...path]);
}

/** Proofs of one sealed value, one after the other. They reveal nothing of the keys, and fit no other value. */
export function proofsOf(bytes: Uint8Array, provingKeys: readonly KeyObject[]): Uint8Array {
  return Buffer.concat(provingKeys.map((key) => proofOf(bytes, key)));
}

/** Whether one of the proofs was made with one of the keys. */
export function isProvenBy(
  bytes: Uint8Array,
  proofs: Uint8Array,
  provingKeys: readonly KeyObject[],
): boolean {
  const known = provingKeys.map((key) => proofOf(bytes, key));
  for (let at = 0; at + PROOF_BYTES <= proofs.length; at += PROOF_BYTES) {
    const proof = proofs.subarray(at, at + PROOF_BYTES);
    if (known.some((each) => timingSafeEqual(each, proof))) return true;
  }
  return false;
}

function proofOf(bytes: Uint8Array, key: KeyObject): Buffer {
  return createHmac('sha256', key).update(bytes).digest().subarray(0, PROOF_BYTES);
}
