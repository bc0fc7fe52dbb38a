import { isIP } from 'node:net';
import type { ListenAddress } from '../contract/listen-address.js';
import { isLoopbackHost, LOOPBACK } from '../contract/loopback.js';
import { CREDENTIAL_ID_PATTERN, WORKER_SECRET_PREFIX } from '../contract/names.js';
import { KeyRing } from '../encryption/key-ring.js';
import { KeyRingFormatError } from '../encryption/ring-format.js';
import type { SecretRule } from '../policy/secret-rules.js';
import { BadValueError } from './bad-value.js';

/** Reads the text of a variable; throws a `BadValueError`. */
export type Reader<T> = (text: string) => T;

export const PORT_MAX = 65_535;
const TRUE = ['true', 'yes', 'y', '1', 'on', 'enabled'];
const FALSE = ['false', 'no', 'n', '0', 'off', 'disabled'];
/** A name with or without a port, or `*.` for every name below one. */
const HOST = /^(?:[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|\*(\.[a-z0-9-]+)+)$/;
/** A variable of the worker, or `file:` and a path; `*` at the end stands for any rest. */
const SECRET_NAME = new RegExp(`^(${WORKER_SECRET_PREFIX}[A-Z0-9_]*\\*?|file:[^*]*\\*?)$`);

/** Owner keys, as `KeyRing.parse` reads them. */
export const keyRingValue = ringOf((text) => KeyRing.parse(text));

/** Reader keys, as `KeyRing.parseReaderKeys` reads them. */
export const readerKeysValue = ringOf((text) => KeyRing.parseReaderKeys(text));

/** Any text. */
export const textValue: Reader<string> = (text) => text;

/** `true`, `false`, `yes`, `no`, `1`, `0` and the like, in any case. */
export const booleanValue: Reader<boolean> = (text) => {
  const word = text.toLowerCase();
  if (TRUE.includes(word)) return true;
  if (FALSE.includes(word)) return false;
  throw new BadValueError('not true or false');
};

/** One of a few words. */
export function oneOf<Word extends string>(words: readonly Word[]): Reader<Word> {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new BadValueError(`not one of ${words.join(', ')}`);
    return word;
  };
}

/** An address that keys are read from: https, or http on this machine. */
export const secureUrlValue = textThat((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') return true;
  return url?.protocol === 'http:' && isLoopbackHost(url.hostname);
}, 'not an https address');

/** A secret that callers present: long enough not to be guessed, and fit for a header. */
export const bearerTokenValue = textThat(
  (text) => /^[\w.~+/-]{32,512}=*$/.test(text),
  'not 32 to 512 letters, digits, `-`, `.`, `_`, `~`, `+` or `/`',
);

/** `host:port`; an IPv6 host in brackets; port 0 takes a free one. */
export const listenAddressValue: Reader<ListenAddress> = (text) => {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9][a-z0-9.-]*)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > PORT_MAX) throw new BadValueError('not written as host:port');
  return { host, port };
};

/** `host:port` of which the host is an IP address, or `localhost`: Temporal's metrics exporter looks up no names. */
export const metricsAddressValue: Reader<ListenAddress> = (text) => {
  const { host, port } = listenAddressValue(text);
  if (host === 'localhost') return { host: LOOPBACK, port };
  if (isIP(host) === 0) {
    throw new BadValueError('host is neither an IP address nor localhost');
  }
  return { host, port };
};

/** URL of a PostgreSQL database. What follows the database's name is the driver's to judge. */
export const postgresUrlValue = textThat(
  (text) => URL.canParse(text) && ['postgres:', 'postgresql:'].includes(new URL(text).protocol),
  'not a URL such as postgres://user:password@host:5432/database; a password is percent-encoded',
);

/** Host names, each with or without a port, or `*.example.com`, comma separated; in lower case. */
export const hostListValue = listOf((entry) => {
  const host = entry.toLowerCase();
  return HOST.test(host) ? host : undefined;
}, 'neither a host name, with or without a port, nor one such as *.example.com');

/** Host names alone, comma separated; in lower case. */
export const hostNamesValue = listOf((entry) => {
  const host = entry.toLowerCase();
  return HOST.test(host) && !/[:*]/.test(host) ? host : undefined;
}, 'not a host name without a port and without *');

/** `secret=scope[@host]`, comma separated: which credentials may use a secret of the worker, and where it may go. */
export const secretRulesValue = listOf((entry): SecretRule | undefined => {
  const match = /^([^=@]+)=([^=@]+)(?:@([^=@]+))?$/.exec(entry);
  const [, secret = '', scope = '', host] = match ?? [];
  const isSecret = SECRET_NAME.test(secret);
  const isScope = scope === '*' || CREDENTIAL_ID_PATTERN.test(scope);
  if (!isSecret || !isScope) return undefined;
  if (host === undefined) return { secret, scope };
  return HOST.test(host.toLowerCase()) ? { secret, scope, host: host.toLowerCase() } : undefined;
}, 'not written as secret=scope or secret=scope@host, such as EVERTOKEN_SECRET_ACME=acme/@auth.acme.example');

/** Origins as browsers send them (`https://host[:port]`), comma separated. */
export const originListValue = listOf(
  (entry) => (URL.canParse(entry) && new URL(entry).origin === entry ? entry : undefined),
  'not an origin such as https://temporal.example.com',
);

/** A version of the worker's code: it stands in Temporal's commands and in the UI, so it needs no quoting there. */
export const buildIdValue = textThat(
  (text) => /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/.test(text),
  'not 1 to 100 letters, digits, `.`, `_`, `+` or `-`, the first a letter or digit',
);

/** A whole number from 1 to 10,000. */
export const countValue = numberThat(
  (text) => /^[1-9]\d{0,3}$|^10000$/.test(text),
  'not a whole number from 1 to 10000',
);

/** A whole number from 2, below which the SDK keeps none, to a million. */
export const cachedKeepersValue = numberThat(
  (text) => /^([2-9]|[1-9]\d{1,5}|1000000)$/.test(text),
  'not a whole number from 2 to 1000000',
);

function textThat(isSo: (text: string) => boolean, complaint: string): Reader<string> {
  return (text) => {
    if (!isSo(text)) throw new BadValueError(complaint);
    return text;
  };
}

function numberThat(isSo: (text: string) => boolean, complaint: string): Reader<number> {
  const read = textThat(isSo, complaint);
  return (text) => Number(read(text));
}

function ringOf(parse: Reader<KeyRing>): Reader<KeyRing> {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof KeyRingFormatError ? new BadValueError(error.message) : error;
    }
  };
}

/** A comma list whose bad entries are named by position, never by what they hold. */
export function listOf<T>(
  read: (entry: string) => T | undefined,
  complaint: string,
): Reader<readonly T[]> {
  return (text) => {
    const values = text.split(',').map((entry) => read(entry.trim()));
    const complaints = values.flatMap((value, index) =>
      value === undefined ? [`${complaint} [position=${index + 1}]`] : [],
    );
    if (complaints.length > 0) throw new BadValueError(...complaints);
    return values.filter((value) => value !== undefined);
  };
}
