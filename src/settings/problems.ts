import type { CallerRules } from '../codec-server/callers.js';
import { defined } from '../contract/defined.js';
import { isLoopbackHost } from '../contract/loopback.js';
import { isCleartextPostgres } from '../journal/journal-location.js';
import { closestName } from './closest-name.js';
import { type Environment, ENVIRONMENT_VARIABLES, readVariable } from './environment.js';
import type { ConfigProblem } from './config-error.js';

export function unknownVariable(name: string): ConfigProblem[] {
  if (ENVIRONMENT_VARIABLES.includes(name)) return [];
  const meant = closestName(name, ENVIRONMENT_VARIABLES);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return [{ variable: name, reason: `no variable of evertoken${hint}` }];
}

export function missingKeys(ours: NodeJS.ProcessEnv): ConfigProblem[] {
  const isSet = ['EVERTOKEN_ENCRYPTION_KEYS', 'EVERTOKEN_READER_KEYS'].some(
    (name) => ours[name] !== undefined,
  );
  if (isSet) return [];
  const allowPlaintext = readVariable('EVERTOKEN_ALLOW_PLAINTEXT', ours);
  if (!('value' in allowPlaintext) || allowPlaintext.value) return [];
  return [
    {
      variable: 'EVERTOKEN_ENCRYPTION_KEYS',
      reason:
        'missing; make a key with `evertoken keys generate`, ' +
        'or set EVERTOKEN_ALLOW_PLAINTEXT=true to keep secrets unencrypted; ' +
        'a service that only reads tokens takes EVERTOKEN_READER_KEYS instead',
    },
  ];
}

export function twoJournals(ours: NodeJS.ProcessEnv): ConfigProblem[] {
  const { EVERTOKEN_JOURNAL_DIR: directory, EVERTOKEN_JOURNAL_URL: url } = ours;
  if (directory === undefined || url === undefined) return [];
  return [
    {
      variable: 'EVERTOKEN_JOURNAL_URL',
      reason: 'set beside EVERTOKEN_JOURNAL_DIR; a worker has one journal',
    },
  ];
}

export function twoRings(ours: NodeJS.ProcessEnv): ConfigProblem[] {
  const { EVERTOKEN_ENCRYPTION_KEYS: owner, EVERTOKEN_READER_KEYS: reader } = ours;
  if (owner === undefined || reader === undefined) return [];
  return [
    {
      variable: 'EVERTOKEN_READER_KEYS',
      reason: 'set beside EVERTOKEN_ENCRYPTION_KEYS, which opens all that it does',
    },
  ];
}

/** A codec server shows who has which credentials: beyond this machine it asks who calls. */
export function openCodecServer(environment: Environment | undefined): ConfigProblem[] {
  if (environment === undefined) return [];
  const { EVERTOKEN_CODEC_ADDRESS: address, EVERTOKEN_CODEC_OPEN: isOpen } = environment;
  const { token, jwt } = callersOf(environment);
  const isAsked = token !== undefined || jwt !== undefined;
  const lacksAudience = environment.EVERTOKEN_CODEC_JWKS_URL !== undefined && jwt === undefined;
  return [
    ...(isLoopbackHost(address.host) || isAsked || isOpen
      ? []
      : [
          {
            variable: 'EVERTOKEN_CODEC_ADDRESS',
            reason:
              'beyond this machine without EVERTOKEN_CODEC_JWKS_URL or EVERTOKEN_CODEC_TOKEN anybody could ask; ' +
              'EVERTOKEN_CODEC_OPEN=true says that something else guards it',
          },
        ]),
    ...(lacksAudience
      ? [
          {
            variable: 'EVERTOKEN_CODEC_JWT_AUDIENCE',
            reason: 'missing beside EVERTOKEN_CODEC_JWKS_URL: tokens for other programs would do',
          },
        ]
      : []),
  ];
}

export function cleartextJournal(environment: Environment | undefined): ConfigProblem[] {
  const url = environment?.EVERTOKEN_JOURNAL_URL;
  if (url === undefined || environment?.EVERTOKEN_ALLOW_CLEARTEXT || !isCleartextPostgres(url)) {
    return [];
  }
  return [
    {
      variable: 'EVERTOKEN_JOURNAL_URL',
      reason:
        'names a database beyond this machine without TLS that checks its certificate; add ?sslmode=verify-full, ' +
        'or set EVERTOKEN_ALLOW_CLEARTEXT=true where the network itself is safe',
    },
  ];
}

export function callersOf(environment: Environment): CallerRules {
  const {
    EVERTOKEN_CODEC_TOKEN: token,
    EVERTOKEN_CODEC_JWKS_URL: jwksUrl,
    EVERTOKEN_CODEC_JWT_AUDIENCE: audience,
    EVERTOKEN_CODEC_JWT_ISSUER: issuer,
  } = environment;
  return {
    ...defined({ token }),
    ...(jwksUrl && audience && { jwt: { jwksUrl, audience, ...defined({ issuer }) } }),
  };
}
