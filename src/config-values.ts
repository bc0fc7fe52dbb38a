import { isIP } from 'node:net';
import { z } from 'zod';
import { KeyRing, KeyRingFormatError } from './encryption/key-ring.js';

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const PORT_MAX = 65_535;
/** A name with or without a port, or `*.` for every name below one. */
const HOST = /^(?:[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|\*(\.[a-z0-9-]+)+)$/;
const PROVIDER_NAME = /^[a-z0-9][a-z0-9-]*$/;

/** `id:base64[,id:base64…]` as a key ring. */
export const keyRingValue = z.string().transform((text, context) => {
  try {
    return KeyRing.parse(text);
  } catch (error) {
    if (!(error instanceof KeyRingFormatError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
});

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

/** Origins as browsers send them (`https://host[:port]`), comma separated. */
export const originListValue = listOf(
  (entry) => (URL.canParse(entry) && new URL(entry).origin === entry ? entry : undefined),
  'not an origin such as https://temporal.example.com',
);

/** A version of the worker's code: it stands in Temporal's commands and in the UI, so it needs no quoting there. */
export const buildIdValue = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/, {
  error: 'not 1 to 100 letters, digits, `.`, `_`, `+` or `-`, the first a letter or digit',
});

/** `provider=number[,provider=number…]`: refreshes a second. */
export const rateLimitsValue = listOf((entry): readonly [string, number] | undefined => {
  const [provider = '', rate = '', ...rest] = entry.split('=').map((part) => part.trim());
  const perSecond = /^\d+(\.\d+)?$/.test(rate) ? Number(rate) : 0;
  return PROVIDER_NAME.test(provider) && perSecond > 0 && perSecond < Infinity && rest.length === 0
    ? [provider, perSecond]
    : undefined;
}, 'not written as provider=number, with a number of refreshes a second above 0').transform(
  (limits, context): Readonly<Record<string, number>> => {
    const byProvider = Object.fromEntries(limits);
    if (Object.keys(byProvider).length < limits.length) {
      context.addIssue({ code: 'custom', message: 'names a provider twice' });
    }
    return byProvider;
  },
);

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
