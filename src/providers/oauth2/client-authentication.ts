import {
  ClientSecretPost,
  modifyAssertion,
  None,
  PrivateKeyJwt,
  type ClientAuth,
} from 'oauth4webapi';
import { MaterialError } from '../material-error.js';
import type { ClientIdentity } from '../port.js';
import { authenticationField, type OAuth2Config } from './config.js';
import type { OAuth2Material } from './material.js';
import { importPrivateKey } from './private-key.js';

/**
 * Identifies the client by its id at the configured server, and by everything that it authenticates with. A public client
 * proves nothing, so an answer to one of its credentials says nothing about another.
 */
export function clientIdentity(
  config: OAuth2Config,
  material: OAuth2Material,
): ClientIdentity | undefined {
  if (config.clientAuthentication === 'none') return undefined;
  const { tokenEndpoint, issuer, clientId, clientAuthentication, signingAlgorithm, keyId } = config;
  const field = authenticationField(config);
  return {
    name: [tokenEndpoint ?? issuer ?? '', clientId],
    secret: [
      clientAuthentication,
      ...(field === undefined ? [] : [material[field] ?? '']),
      ...(clientAuthentication === 'private_key_jwt' ? [signingAlgorithm, keyId ?? ''] : []),
    ],
  };
}

/** Only the configured method: trying several would spend the refresh token several times. */
export async function clientAuthentication(
  config: OAuth2Config,
  material: OAuth2Material,
): Promise<ClientAuth> {
  switch (config.clientAuthentication) {
    case 'none':
      return None();
    case 'client_secret_basic':
      return clientSecretBasic(secret(material, 'clientSecret'));
    case 'client_secret_post':
      return ClientSecretPost(secret(material, 'clientSecret'));
    case 'private_key_jwt': {
      const text = secret(material, 'clientPrivateKey');
      const key = await importPrivateKey(text, config.signingAlgorithm);
      return PrivateKeyJwt(config.keyId === undefined ? key : { key, kid: config.keyId }, {
        // A key does not tell by which of two names the server knows its algorithm.
        [modifyAssertion]: (header) => {
          header['alg'] = config.signingAlgorithm;
        },
      });
    }
  }
}

/**
 * Basic authentication with a form-encoded id and secret (RFC 6749, section 2.3.1). oauth4webapi's own also encodes `-`, `_`, `.`
 * and `~`, which every decoder reads as they are. Servers that compare what came without decoding it would refuse any UUID
 * (https://github.com/panva/oauth4webapi/issues/148).
 */
function clientSecretBasic(clientSecret: string): ClientAuth {
  return (_server, { client_id }, _body, headers) => {
    const credentials = `${formEncoded(client_id)}:${formEncoded(clientSecret)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  };
}

function formEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+');
}

function secret(material: OAuth2Material, field: 'clientSecret' | 'clientPrivateKey'): string {
  const value = material[field];
  if (value === undefined) throw new MaterialError(field, 'is missing');
  return value;
}
