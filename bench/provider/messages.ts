/** A request that the provider saw. */
export interface ProviderRequest {
  /** Of the credential; the path, where something else than a token was asked for. */
  readonly id: string;
  /** When it came, in milliseconds since the epoch. */
  readonly atMs: number;
  /** `refused`: its refresh token was dead. `over-cap`: turned away by 429. `visited`: it asked for no token. */
  readonly outcome: 'granted' | 'refused' | 'over-cap' | 'visited';
  /** When it should have come, where whoever sent it says so. */
  readonly plannedMs?: number;
}

/** What the benchmark tells its provider to do. */
export type ProviderOrder =
  | { readonly do: 'take-requests' }
  /** Asks how many tokens were granted since the requests were taken. */
  | { readonly do: 'count' }
  | { readonly do: 'cap'; readonly perSecond: number }
  /** A spent refresh token still answers for so long, with the one that replaced it. */
  | { readonly do: 'grace'; readonly ms: number }
  /** From now on no token request is answered until `release`; it is granted or refused at once. */
  | { readonly do: 'hold' }
  | { readonly do: 'release' }
  /** Says `watched` as soon as so many more were granted, before the last of them is answered. */
  | { readonly do: 'watch'; readonly count: number };

/** What the provider says. */
export type FromProvider =
  | { readonly port: number }
  | { readonly requests: readonly ProviderRequest[] }
  | { readonly count: number }
  | { readonly watched: true };
