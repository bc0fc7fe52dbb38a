import type { Provider } from './port.js';

/** The providers that a process knows, by name. */
export interface ProviderRegistry {
  find(name: string): Provider | undefined;
  /** Throws an `UnknownProviderError`. */
  get(name: string): Provider;
  /** All of them, by name. */
  list(): readonly Provider[];
}

/** A provider that this process does not know. */
export class UnknownProviderError extends Error {
  override readonly name = 'UnknownProviderError';

  constructor(wanted: string, known: readonly string[]) {
    super(`unknown provider [name=${wanted}, known=${known.join(' ')}]`);
  }
}

/** Makes a registry. It throws if two providers share a name, since that is a mistake in the program. */
export function createProviderRegistry(providers: readonly Provider[]): ProviderRegistry {
  const byName = new Map<string, Provider>();
  for (const provider of providers) {
    if (byName.has(provider.name)) {
      throw new Error(`two providers have one name [name=${provider.name}]`);
    }
    byName.set(provider.name, provider);
  }
  const names = [...byName.keys()].sort();
  return {
    find: (name) => byName.get(name),
    get(name) {
      const provider = byName.get(name);
      if (provider === undefined) throw new UnknownProviderError(name, names);
      return provider;
    },
    list: () => names.flatMap((name) => byName.get(name) ?? []),
  };
}
