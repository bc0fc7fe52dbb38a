import type { z } from 'zod';
import type { JsonObject, RefreshTiming } from '../contract/credential.js';
import type { CodeTable } from '../policy/classify.js';
import type { LifetimeUnit } from '../policy/lifetime.js';

/** Material with every reference read: what really goes on the wire. */
export type ResolvedMaterial = Readonly<Record<string, string>>;

/** One HTTP request, complete. */
export interface WireRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * The issuer whose metadata named the address: material goes to the issuer's own host or one below it, and to another
   * one only where the worker's allowed hosts name it. Absent where the configuration named the address.
   */
  readonly namedBy?: string;
  /** For each secret in it that the worker ties to hosts, these: all of the lists must allow the address. */
  readonly onlyTo?: readonly (readonly string[])[];
}

/** One HTTP answer with its body read, at most `ANSWER_MAX_BYTES`. */
export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Makes one request. It rejects with a `WireError` and nothing else. */
export type Send = (request: WireRequest) => Promise<WireAnswer>;

/** What an answer says, as the provider's page defines it. */
export type Judgement =
  | {
      readonly kind: 'token';
      readonly value: string;
      /** `Bearer` where the answer names none. */
      readonly tokenType: string;
      /** The lifetime field as it came, also absent or malformed. */
      readonly lifetime: unknown;
      /** Life of the material that the next refresh spends, as it came; in the unit of `lifetime`. */
      readonly materialLifetime?: unknown;
      readonly scope?: string;
      /** What users of the token need beside it, by the provider's page. */
      readonly extras?: JsonObject;
      /** Material fields that the answer replaces. Missing and empty ones are left out, so the old value stays. */
      readonly replacedMaterial: Readonly<Record<string, string>>;
      /** The answer also says something in place of material that cannot be used, so the old value may be dead. */
      readonly isReplacementLost?: true;
    }
  | {
      readonly kind: 'refusal';
      readonly shape: 'documented' | 'foreign';
      readonly code?: string;
      /** Material fields that a success without a usable token, or with an error in it, replaces all the same. */
      readonly replacedMaterial?: Readonly<Record<string, string>>;
    };

/** Who asks: several credentials may be of one client, and that it does not authenticate concerns them all. */
export interface ClientIdentity {
  /** What the provider knows the client by, and where. */
  readonly name: readonly string[];
  /** What it authenticates with: a secret, and how it is presented. */
  readonly secret: readonly string[];
}

/** What is true of one field of material, whatever the configuration. */
export interface MaterialFieldFacts {
  /** It is redacted wherever payloads are shown. */
  readonly isSecret: boolean;
  /** A refresh spends it: true of one field of each provider. */
  readonly isSpent: boolean;
  /**
   * A refresh takes its place, or ends its use, as with a seed token. Such a field takes a literal only: a worker's
   * reference would be read again after every refresh and bring the spent value back.
   */
  readonly isReplaced: boolean;
}

/** What is true of a provider, whatever the configuration. */
export interface ProviderFacts {
  /** As credentials files name it. */
  readonly name: string;
  /** What a person calls it. */
  readonly title: string;
  /** The fields of its material, by name. */
  readonly material: Readonly<Record<string, MaterialFieldFacts>>;
  /** Schema of the material. Unknown keys are refused; `expiresAt` (an RFC 3339 time) belongs to a literal `accessToken`. */
  readonly materialSchema: z.ZodType<ResolvedMaterial>;
  /** Material field that a refresh spends. */
  readonly spentField: string;
  /** Whether that is the access token itself: once it has expired, nothing can be refreshed. */
  readonly spendsToken: boolean;
  /** Where the provider's own times differ from the policy's. */
  readonly timing: RefreshTiming;
}

/** How one kind of credential is refreshed on the wire. Knows nothing of Temporal. */
export interface Provider extends ProviderFacts {
  /** Checked once when applied, and again before each refresh. Unknown keys are refused. */
  readonly configSchema: z.ZodType<JsonObject>;
  /** Schema of the page's successful answer; `evertoken providers NAME` and the conformance suite use it. */
  readonly responseSchema: z.ZodType;
  /**
   * Binds a configuration, as written or as its schema returned it: defaults are filled in either way.
   * @throws ProviderConfigError where the schema refuses it
   */
  configure(config: JsonObject): ConfiguredProvider;
}

/** A provider bound to one configuration. */
export interface ConfiguredProvider extends ProviderFacts {
  /** Material fields without which this configuration cannot refresh. */
  readonly requiredFields: readonly string[];
  /** Whether a refresh kills what it spent; careful where the page does not say. */
  readonly rotates: boolean;
  readonly lifetimeUnit: LifetimeUnit;
  /** Reviewed error codes. */
  readonly codes: CodeTable;
  /** The client that a request is made by; `undefined` where the provider knows no clients. */
  client(material: ResolvedMaterial): ClientIdentity | undefined;
  /**
   * The request of one refresh. It may look things up (issuer discovery), but spends nothing. It rejects with
   * a `WireError` of code `look_up_failed` or `destination_refused`, or with a `MaterialError`.
   */
  prepare(material: ResolvedMaterial, lookUp: Send): Promise<WireRequest>;
  /**
   * Requests that end the grant, the first for what a refresh would spend (RFC 7009); none where the provider has no
   * endpoint for it. It rejects as `prepare` does.
   */
  revocations(
    material: ResolvedMaterial,
    accessToken: string | undefined,
    lookUp: Send,
  ): Promise<readonly WireRequest[]>;
  /** Reads an answer. Pure; never throws on any answer. */
  judge(answer: WireAnswer): Judgement;
}
