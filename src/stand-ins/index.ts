import { abitmediaStandIn } from './abitmedia.js';
import { klaviStandIn } from './klavi.js';
import { oauth2StandIn } from './oauth2.js';
import { oracleCommerceStandIn } from './oracle-commerce.js';
import { startStandIn, type StandIn, type StandInOptions } from './stand-in.js';
import { tavioStandIn } from './tavio.js';
import { vmwareCspStandIn } from './vmware-csp.js';

/** The stand-ins of all built-in providers, while they run. */
export interface StandIns {
  /** One per provider. */
  readonly all: readonly StandIn[];
  /** Throws for a provider that has no stand-in. */
  of(provider: string): StandIn;
  close(): Promise<void>;
}

const WIRES = [
  abitmediaStandIn,
  klaviStandIn,
  oauth2StandIn,
  oracleCommerceStandIn,
  tavioStandIn,
  vmwareCspStandIn,
];

/** Starts a stand-in for every built-in provider, each on a free port of its own. */
export async function startStandIns(options: StandInOptions): Promise<StandIns> {
  const all = await Promise.all(WIRES.map((wire) => startStandIn(wire, options)));
  return {
    all,
    of(provider) {
      const found = all.find((standIn) => standIn.provider === provider);
      if (found === undefined) throw new Error(`no stand-in [provider=${provider}]`);
      return found;
    },
    async close() {
      await Promise.all(all.map((standIn) => standIn.close()));
    },
  };
}
