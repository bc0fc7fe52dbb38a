import { isIP } from 'node:net';
import { z } from 'zod';
import { isLoopbackHost } from '../contract/loopback.js';
import { CREDENTIAL_ID_PATTERN } from '../contract/names.js';
import { KeyRing, KeyRingFormatError } from '../encryption/key-ring.js';
import type { SecretRule } from '../policy/secret-rules.js';

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const PORT_MAX = 65_535;
/** A name with or without a port, or `*.` for every name below one. */
const HOST = /^(?:[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|\*(\.[a-z0-9-]+)+)$/;
/** A variable of the worker, or `file:` and a path; `*` at the end stands for any rest. */
const SECRET_NAME = /^(EVERTOKEN_SECRET_[A-Z0-9_]*\*?|file:[^*]*\*?)$/;

/** `id:base64[,id:base64…]` as a key ring. */
export const keyRingValue = ringValue((text) => KeyRing.parse(text));

/** `id:scope:base64[,id:scope:base64…]` as a key ring of a reader. */
export const readerKeysValue = ringValue((text) => KeyRing.parseReaderKeys(text));

/** `true`, `false`, `yes`, `no`, `1` or `0`. */
export const booleanValue = z.stringbool({ error: 'not true or false' });

/** An address that keys are read from: https, or http on this machine. */
export const secureUrlValue = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') return true;
  return url?.protocol === 'http:' && isLoopbackHost(url.hostname);
}, 'not an https address');

/** A secret that callers present: long enough not to be guessed, and fit for a header. */
export const bearerTokenValue = z
  .string()
  .regex(/^[\w.~+/-]{32,512}=*$/, 'not 32 to 512 letters, digits, `-`, `.`, `_`, `~`, `+` or `/`');

/** `host:port`; an IPv6 host in brackets; port 0 takes a free one. */
export const listenAddressValue = z.string().transform((text, context): ListenAddress => {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9][a-z0-9.-]*)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > PORT_MAX) {
    context.addIssue({ code: 'custom', message: 'not written as host:port' });
    return z.NEVER;
  }
  return { host, port };
});

/** `host:port` of which the host is an IP address, or `localhost`: Temporal's metrics exporter looks up no names. */
export const metricsAddressValue = listenAddressValue.transform(({ host, port }, context) => {
  if (host === 'localhost') return { host: '127.0.0.1', port };
  if (isIP(host) === 0) {
    context.addIssue({ code: 'custom', message: 'host is neither an IP address nor localhost' });
  }
  return { host, port };
});

/** URL of a PostgreSQL database. What follows the database's name is the driver's to judge. */
export const postgresUrlValue = z
  .string()
  .refine(
    (text) => URL.canParse(text) && ['postgres:', 'postgresql:'].includes(new URL(text).protocol),
    'not a URL such as postgres://user:password@host:5432/database; a password is percent-encoded',
  );

/** Host names, each with or without a port, or `*.example.com`, comma separated; in lower case. */
export const hostListValue = listOf((entry) => {
  const host = entry.toLowerCase();
  return HOST.test(host) ? host : undefined;
}, 'neither a host name, with or without a port, nor one such as *.example.com');

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
export const buildIdValue = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/, {
  error: 'not 1 to 100 letters, digits, `.`, `_`, `+` or `-`, the first a letter or digit',
});

/** A whole number from 1 to 10,000. */
export const countValue = z
  .string()
  .regex(/^[1-9]\d{0,3}$|^10000$/, 'not a whole number from 1 to 10000')
  .transform(Number);

/** A whole number from 2, below which the SDK keeps none, to a million. */
export const cachedKeepersValue = z
  .string()
  .regex(/^([2-9]|[1-9]\d{1,5}|1000000)$/, 'not a whole number from 2 to 1000000')
  .transform(Number);

function ringValue(parse: (text: string) => KeyRing) {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof KeyRingFormatError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
}

/** A comma list whose bad entries are named by position, never by what they hold. */
export function listOf<T>(
  read: (entry: string) => T | undefined,
  complaint: string,
): z.ZodType<readonly T[], string> {
  return z.string().transform((text, context): readonly T[] =>
    text.split(',').flatMap((entry, index) => {
      const value = read(entry.trim());
      if (value !== undefined) return [value];
      context.addIssue({ code: 'custom', message: `${complaint} [position=${index + 1}]` });
      return [];
    }),
  );
}
