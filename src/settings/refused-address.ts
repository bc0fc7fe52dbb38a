import { addressText, type ListenAddress } from '../contract/listen-address.js';
import { ConfigError } from './config-error.js';

/** The mistake in a variable that names an address on which this process cannot listen, by the system's error. */
export function refusedAddress(
  variable: string,
  address: ListenAddress,
  error: unknown,
): ConfigError {
  const code = codeOf(error);
  const question = code === 'EADDRINUSE' ? '; is the address taken?' : '';
  const cause = code === undefined ? '' : `, cause=${code}`;
  const reason = `this process cannot listen there${question} [address=${addressText(address)}${cause}]`;
  return new ConfigError([{ variable, reason }]);
}

function codeOf(error: unknown): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
