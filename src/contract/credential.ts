/** JSON as the data converter carries it: no `Map`, no `Date`, no `undefined`. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A secret that the worker reads at each refresh, so that it never enters Temporal. */
export type WorkerReference = { readonly $workerEnv: string } | { readonly $workerFile: string };

/** One field of material: the secret itself, or where the worker finds it. */
export type MaterialValue = string | WorkerReference;

/** What a refresh spends, by the provider's field names. */
export type Material = Readonly<Record<string, MaterialValue>>;

/** SHA-256 in hex of each material field as it was applied. It rests only in sealed state. */
export type Fingerprints = Readonly<Record<string, string>>;

/** An access token as services use it. Times are milliseconds since the epoch, by the Temporal server's clock. */
export interface Token extends TokenFacts {
  readonly value: string;
}

/** What is known of an access token, without it. */
export interface TokenFacts {
  /** `Bearer` unless the provider says otherwise. */
  readonly tokenType: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** The provider named a life that is not believed, so this expiry is our own guess; `refresh.maxLifetime` settles it. */
  readonly isLifetimeDoubted?: true;
  /**
   * Nobody said how long the token lives, or what was said is not believed. This expiry is a default, and the token may
   * outlive it.
   */
  readonly isLifetimeAssumed?: true;
  /** When the material that the next refresh spends expires; absent when the provider does not say. */
  readonly materialExpiresAtMs?: number;
  /** Scopes, space separated; absent when the provider never named any. */
  readonly scope?: string;
  /** What the provider returned beside the token and its users need, such as `instance_url`. */
  readonly extras?: JsonObject;
}

/** When to refresh, where the defaults of the policy do not fit. All in milliseconds. */
export interface RefreshTiming {
  /** How long before expiry the refresh starts. */
  readonly leadMs?: number;
  /** A token younger than this may not be refreshed. */
  readonly minimumAgeMs?: number;
  /** Life of a token whose answer says nothing of it. */
  readonly defaultLifetimeMs?: number;
  /** Longest life that is believed; a longer one counts as a mistake. */
  readonly maxLifetimeMs?: number;
}

/** How early a token is refreshed, for a life that only the keeper's clock can tell. */
export interface LeadRule {
  /** Share of the token's life. */
  readonly shareOfLife: number;
  /** The lead is no shorter than this, in milliseconds, unless that is more than half of the life. */
  readonly leastMs: number;
  /** The lead is no longer than this, in milliseconds. */
  readonly mostMs: number;
}

/** What a keeper must know of its provider to decide; the wire stays in the activity. */
export interface ProviderTraits {
  /** Material field that a refresh spends: a new value of it opens a new epoch. */
  readonly spentField: string;
  /** Whether a refresh kills the material that it spent. */
  readonly rotates: boolean;
}

/** A credential as `apply` hands it to a keeper: checked, complete, plain JSON. */
export interface CredentialSpec {
  readonly id: string;
  readonly provider: string;
  /** Credentials of the provider that share a rate limit of their own. */
  readonly group?: string;
  readonly config: JsonObject;
  readonly material: Material;
  readonly fingerprints: Fingerprints;
  readonly timing: RefreshTiming;
  readonly traits: ProviderTraits;
  /** A token that the material already contains, usable before the first refresh; its keeper dates it. */
  readonly seedToken?: Token;
  /** How early the seed token is refreshed, decided when it was applied. */
  readonly seedLead?: LeadRule;
}
