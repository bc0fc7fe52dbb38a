import { isIP } from 'node:net';
import { z } from 'zod';
import { closestName } from './closest-name.js';
import { CREDENTIAL_ID_PATTERN, GROUP_PATTERN } from './contract/names.js';
import { isLoopbackHost } from './contract/loopback.js';
import { KeyRing, KeyRingFormatError } from './encryption/key-ring.js';
import type { SecretRule } from './policy/secret-rules.js';
import { builtInProviders } from './providers/index.js';

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
const PROVIDER_NAME = /^[a-z0-9][a-z0-9-]*$/;

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

/** Refreshes a second over all workers together: of a provider, and of its groups. */
export interface ProviderLimits {
  readonly limit?: number;
  readonly groups?: Readonly<Record<string, number>>;
}

/** Limits by provider. */
export type RateLimits = Readonly<Record<string, ProviderLimits>>;

/** `provider[/group]=number[,…]`: refreshes a second. */
export const rateLimitsValue = listOf((entry): RateLimitEntry | undefined => {
  const [subject = '', rate = '', ...rest] = entry.split('=').map((part) => part.trim());
  const [provider = '', group, ...deeper] = subject.split('/');
  const limit = /^\d+(\.\d+)?$/.test(rate) ? Number(rate) : 0;
  const isNamed =
    PROVIDER_NAME.test(provider) && (group === undefined || GROUP_PATTERN.test(group));
  const isWhole = rest.length === 0 && deeper.length === 0;
  if (!isNamed || !isWhole || limit <= 0 || limit === Infinity) return undefined;
  return { provider, group, limit };
}, 'not written as provider=number or provider/group=number, with a number of refreshes a second above 0').transform(
  (entries, context): RateLimits => {
    const subjects = entries.map(({ provider, group = '' }) => `${provider}/${group}`);
    if (new Set(subjects).size < subjects.length) {
      context.addIssue({ code: 'custom', message: 'names a provider or a group twice' });
    }
    const names = builtInProviders.map(({ name }) => name);
    for (const [index, { provider }] of entries.entries()) {
      if (names.includes(provider)) continue;
      const meant = closestName(provider, names);
      const hint = meant === undefined ? `known are ${names.join(', ')}` : `did you mean ${meant}?`;
      const message = `names an unknown provider [position=${index + 1}]; ${hint}`;
      context.addIssue({ code: 'custom', message });
    }
    return byProvider(entries);
  },
);

interface RateLimitEntry {
  readonly provider: string;
  readonly group: string | undefined;
  readonly limit: number;
}

function byProvider(entries: readonly RateLimitEntry[]): RateLimits {
  const limits: Record<string, ProviderLimits> = {};
  for (const { provider, group, limit } of entries) {
    const known = limits[provider] ?? {};
    limits[provider] =
      group === undefined
        ? { ...known, limit }
        : { ...known, groups: { ...known.groups, [group]: limit } };
  }
  return limits;
}

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
function listOf<T>(read: (entry: string) => T | undefined, complaint: string) {
  return z.string().transform((text, context): readonly T[] =>
    text.split(',').flatMap((entry, index) => {
      const value = read(entry.trim());
      if (value !== undefined) return [value];
      context.addIssue({ code: 'custom', message: `${complaint} [position=${index + 1}]` });
      return [];
    }),
  );
}
