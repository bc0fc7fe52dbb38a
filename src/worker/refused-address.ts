import { ConfigError } from '../settings/config.js';

/** The mistake in a variable that names an address on which this process cannot listen. */
export function refusedAddress(
  variable: string,
  { host, port }: { readonly host: string; readonly port: number },
): ConfigError {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const reason = `this process cannot listen there; is the address taken? [address=${address}]`;
  return new ConfigError([{ variable, reason }]);
}
