import { abitmedia } from './abitmedia.js';
import { klavi } from './klavi.js';
import { oauth2 } from './oauth2/provider.js';
import { oracleCommerce } from './oracle-commerce.js';
import type { Provider } from './port.js';
import { tavio } from './tavio.js';
import { vmwareCsp } from './vmware-csp.js';

/** The providers that come with evertoken. */
export const builtInProviders: readonly Provider[] = [
  abitmedia,
  klavi,
  oauth2,
  oracleCommerce,
  tavio,
  vmwareCsp,
];
