import { addressText, type ListenAddress } from '../contract/listen-address.js';
import { ConfigError } from './config.js';

/** The mistake in a variable that names an address on which this process cannot listen. */
export function refusedAddress(variable: string, address: ListenAddress): ConfigError {
  const reason = `this process cannot listen there; is the address taken? [address=${addressText(address)}]`;
  return new ConfigError([{ variable, reason }]);
}
