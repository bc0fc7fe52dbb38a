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

/** How one kind of credential is refreshed on the wire. Knows nothing of Temporal. */
export interface Provider {
  /** As credentials files name it. */
  readonly name: string;
  /** What a person calls it. */
  readonly title: string;
  /** Checked once when applied, and again before each refresh. Unknown keys are refused. */
  readonly configSchema: z.ZodType<JsonObject>;
  /**
   * The secret fields. Unknown keys are refused. A field that a refresh replaces takes a literal only;
   * `expiresAt` (an RFC 3339 time) belongs to a literal `accessToken`.
   */
  readonly materialSchema: z.ZodType<ResolvedMaterial>;
  /** Schema of the page's successful answer; `evertoken providers NAME` and the conformance suite use it. */
  readonly responseSchema: z.ZodType;
  /** Names of the material fields that are secret: redacted wherever payloads are shown. */
  readonly secretFields: readonly string[];
  /** Material field that a refresh spends. */
  readonly spentField: string;
  /**
   * Material fields that take a literal only: those that a refresh replaces, and a seed token. A worker's
   * reference in their place would be read again after every refresh and bring the spent value back.
   */
  readonly literalFields: readonly string[];
  /** Material fields without which this configuration cannot refresh; the schema knows no configuration. */
  requiredFields(config: JsonObject): readonly string[];
  /** Whether a refresh kills what it spent; careful where the page does not say. */
  rotates(config: JsonObject): boolean;
  /** The client that a request is made by; `undefined` where the provider knows no clients. */
  client(config: JsonObject, material: ResolvedMaterial): ClientIdentity | undefined;
  /** Where the provider's own times differ from the policy's. */
  readonly timing: RefreshTiming;
  lifetimeUnit(config: JsonObject): LifetimeUnit;
  /** Reviewed error codes. */
  codes(config: JsonObject): CodeTable;
  /**
   * The request of one refresh. It may look things up (issuer discovery), but spends nothing. It rejects with
   * a `WireError` of code `look_up_failed` or `destination_refused`, or with a `MaterialError`.
   */
  prepare(config: JsonObject, material: ResolvedMaterial, lookUp: Send): Promise<WireRequest>;
  /**
   * Requests that end the grant, the first for what a refresh would spend (RFC 7009); none where the provider has no
   * endpoint for it. It rejects as `prepare` does.
   */
  revocations(
    config: JsonObject,
    material: ResolvedMaterial,
    accessToken: string | undefined,
    lookUp: Send,
  ): Promise<readonly WireRequest[]>;
  /** Reads an answer. Pure; never throws on any answer. */
  judge(answer: WireAnswer, config: JsonObject): Judgement;
}
