import type { z } from 'zod';
import type { JsonObject, RefreshTiming } from '../contract/credential.js';
import type { CodeTable } from '../policy/classify.js';
import type { LifetimeUnit } from '../policy/lifetime.js';
import type { Elapsed } from './wire/elapsed.js';

/** Material in which every reference has been read, as it goes on the wire. */
export type ResolvedMaterial = Readonly<Record<string, string>>;

/** One HTTP request, complete. */
export interface WireRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * The issuer whose metadata named the address. Material then goes only to the issuer's own host, to a host below it, or
   * to a host that the worker's allowed hosts name. Absent if the configuration named the address.
   */
  readonly namedBy?: string;
  /** One list of hosts for each secret in the request that the worker ties to hosts. All lists must allow the address. */
  readonly onlyTo?: readonly (readonly string[])[];
}

/** One HTTP answer whose body was read, at most `ANSWER_MAX_BYTES` of it. */
export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * Makes one request. It rejects only with a `WireError`.
 * @param elapsedMs what counts towards its deadline. Default: the time since the call
 */
export type Send = (request: WireRequest, elapsedMs?: Elapsed) => Promise<WireAnswer>;

/** What an answer says, as the provider's page defines it. */
export type Judgement =
  | {
      readonly kind: 'token';
      readonly value: string;
      /** `Bearer` if the answer names none. */
      readonly tokenType: string;
      /** The lifetime field as it came, even if absent or malformed. */
      readonly lifetime: unknown;
      /** Life of the material that the next refresh spends, as it came, in the unit of `lifetime`. */
      readonly materialLifetime?: unknown;
      readonly scope?: string;
      /** What users of the token need beside it, according to the provider's page. */
      readonly extras?: JsonObject;
      /** Material fields that the answer replaces. A missing or empty field is left out, so its old value stays. */
      readonly replacedMaterial: Readonly<Record<string, string>>;
      /** The answer also replaces material, but by a value that cannot be used. The old value may be dead. */
      readonly isReplacementLost?: true;
    }
  | {
      readonly kind: 'refusal';
      readonly shape: 'documented' | 'foreign';
      readonly code?: string;
      /** Material fields that a success replaces although it has no usable token, or an error in it. */
      readonly replacedMaterial?: Readonly<Record<string, string>>;
    };

/** What time it is, in milliseconds since the epoch, to date a proof with. A worker goes by the Temporal server's clock. */
export type Now = () => Promise<number>;

/** Who asks. Several credentials may share a client; if it fails to authenticate, that concerns them all. */
export interface ClientIdentity {
  /** What the provider knows the client by, and where. */
  readonly name: readonly string[];
  /** What it authenticates with: a secret, and the way in which it presents it. */
  readonly secret: readonly string[];
}

/** What is true of one field of material, whatever the configuration. */
export interface MaterialFieldFacts {
  /** It is redacted wherever payloads are shown. */
  readonly isSecret: boolean;
  /** A refresh spends it. True of exactly one field of each provider. */
  readonly isSpent: boolean;
  /**
   * A refresh replaces the field or ends its use, as with a seed token. Such a field must be a literal. A worker's
   * reference would be read again after every refresh, and bring the spent value back.
   */
  readonly isReplaced: boolean;
}

/** What is true of a provider, whatever the configuration. */
export interface ProviderFacts {
  /** As credentials files name it. */
  readonly name: string;
  /** What a person calls it. */
  readonly title: string;
  readonly material: Readonly<Record<string, MaterialFieldFacts>>;
  /** Schema of the material. It refuses unknown keys. `expiresAt` (an RFC 3339 time) belongs to a literal `accessToken`. */
  readonly materialSchema: z.ZodType<ResolvedMaterial>;
  readonly spentField: string;
  /** Whether the spent field is the access token itself. Then nothing can be refreshed once the token has expired. */
  readonly spendsToken: boolean;
  /** Where the provider's own times differ from the policy's. */
  readonly timing: RefreshTiming;
}

/** How one kind of credential is refreshed on the wire. A provider knows nothing of Temporal. */
export interface Provider extends ProviderFacts {
  /** Checks a configuration when it is applied, and again before each refresh. It refuses unknown keys. */
  readonly configSchema: z.ZodType<JsonObject>;
  /** Schema of the page's successful answer; `evertoken providers NAME` and the conformance suite use it. */
  readonly responseSchema: z.ZodType;
  /**
   * Binds a configuration, as written or as its schema returned it. Either way, defaults are filled in.
   * @throws ProviderConfigError if the schema refuses it
   */
  configure(config: JsonObject): ConfiguredProvider;
}

/** A provider bound to one configuration. */
export interface ConfiguredProvider extends ProviderFacts {
  /** Material fields without which this configuration cannot refresh. */
  readonly requiredFields: readonly string[];
  /** Whether a refresh kills what it spent. True if the page does not say, to be careful. */
  readonly rotates: boolean;
  readonly lifetimeUnit: LifetimeUnit;
  /** Reviewed error codes. */
  readonly codes: CodeTable;
  /** The client that makes the request; `undefined` if the provider knows no clients. */
  client(material: ResolvedMaterial): ClientIdentity | undefined;
  /**
   * Makes the request of one refresh. It may look things up (issuer discovery), but spends nothing. It rejects with a
   * `WireError` of code `look_up_failed` or `destination_refused`, or with a `MaterialError`.
   */
  prepare(material: ResolvedMaterial, lookUp: Send, now: Now): Promise<WireRequest>;
  /**
   * Makes the requests that end the grant (RFC 7009). The first one revokes what a refresh would spend. There are none if
   * the provider has no endpoint for it. It rejects as `prepare` does.
   */
  revocations(
    material: ResolvedMaterial,
    accessToken: string | undefined,
    lookUp: Send,
    now: Now,
  ): Promise<readonly WireRequest[]>;
  /** Reads an answer. It is pure, and never throws. */
  judge(answer: WireAnswer): Judgement;
}
