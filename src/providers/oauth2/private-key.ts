import { createPrivateKey, webcrypto, type KeyObject } from 'node:crypto';
import { MaterialError } from '../material-error.js';
import { parseJsonObject } from '../wire/json.js';

/** Algorithms of a signed client assertion (RFC 7518, section 3.1). `EdDSA` (RFC 8037) is what `Ed25519` was called before RFC 9864. */
export const SIGNING_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'Ed25519', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

const IMPORT_PARAMETERS: Record<
  SigningAlgorithm,
  webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | webcrypto.Algorithm
> = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  ES384: { name: 'ECDSA', namedCurve: 'P-384' },
  Ed25519: { name: 'Ed25519' },
  EdDSA: { name: 'Ed25519' },
};

/** Reads the client's key from PEM or JWK text. A library's error could quote the key, so none goes further. */
export async function importPrivateKey(
  text: string,
  algorithm: SigningAlgorithm,
): Promise<webcrypto.CryptoKey> {
  try {
    const der = readKey(text).export({ type: 'pkcs8', format: 'der' });
    const parameters = IMPORT_PARAMETERS[algorithm];
    return await webcrypto.subtle.importKey('pkcs8', der, parameters, false, ['sign']);
  } catch {
    throw new MaterialError('clientPrivateKey', `is not a private key for ${algorithm}`);
  }
}

function readKey(text: string): KeyObject {
  const jwk = parseJsonObject(text);
  return jwk === undefined ? createPrivateKey(text) : createPrivateKey({ key: jwk, format: 'jwk' });
}
