/**
 * Names of the providers that come with evertoken, for code that must know them without loading the providers. A test
 * compares them with the providers themselves.
 */
export const PROVIDER_NAMES = [
  'abitmedia',
  'klavi',
  'oauth2',
  'oracle-commerce',
  'tavio',
  'vmware-csp',
] as const;
