import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';

import { expect } from 'vitest';
import type { ApplyResult } from '../../src/keepers/apply-result.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import type { CredentialSpec, Token } from '../../src/contract/credential.js';
import {
  carriedStateQuery,
  ensureFreshUpdate,
  forceRefreshSignal,
  tokenQuery,
} from '../../src/contract/message-definitions.js';
import type { TokenAnswer } from '../../src/contract/messages.js';
import { keeperWorkflowId, LOG_KEYS } from '../../src/contract/names.js';
import { abitmediaStandIn } from '../../src/stand-ins/abitmedia.js';
import { klaviStandIn } from '../../src/stand-ins/klavi.js';
import type { Rotation } from '../../src/stand-ins/issued-secrets.js';
import { oauth2StandIn } from '../../src/stand-ins/oauth2.js';
import { oracleCommerceStandIn } from '../../src/stand-ins/oracle-commerce.js';
import type { Script } from '../../src/stand-ins/script.js';
import { type StandIn, startStandIn } from '../../src/stand-ins/stand-in.js';
import { tavioStandIn } from '../../src/stand-ins/tavio.js';
import { vmwareCspStandIn } from '../../src/stand-ins/vmware-csp.js';
import { FullStack, type FullStackOptions, type Keeper } from './full-stack.js';
import { openTestNamespace } from './test-namespace.js';
import { forceRequest, freshRequest } from './requests.js';

/** Every stand-in by the name of its provider. */
export const WIRES = {
  abitmedia: abitmediaStandIn,
  klavi: klaviStandIn,
  oauth2: oauth2StandIn,
  'oracle-commerce': oracleCommerceStandIn,
  tavio: tavioStandIn,
  'vmware-csp': vmwareCspStandIn,
} as const;

const MINUTE_MS = 60_000;

/** Far below the second until the attempt after a failed one, and no load for the server when fifty wait. */
const LOOK_EVERY_MS = 100;

/** More than is left of a due token. */
const LEAD = { shareOfLife: 0, leastMs: 360_000, mostMs: 360_000 };

/** A token of an hour with five minutes left: valid, and due for a refresh at once. */
function dueToken(nowMs = Date.now()): Token {
  return tokenOf(nowMs - 55 * MINUTE_MS, nowMs + 5 * MINUTE_MS);
}

/** A token of an hour that nothing is wrong with. */
export function youngToken(nowMs = Date.now()): Token {
  return tokenOf(nowMs, nowMs + 60 * MINUTE_MS);
}

/** A token of an hour that is over. */
export function expiredToken(nowMs = Date.now()): Token {
  return tokenOf(nowMs - 61 * MINUTE_MS, nowMs - MINUTE_MS);
}

function tokenOf(issuedAtMs: number, expiresAtMs: number): Token {
  return { value: 'seed', tokenType: 'Bearer', issuedAtMs, expiresAtMs };
}

/** How a credential is kept. */
export interface KeptOptions {
  readonly provider?: keyof typeof WIRES;
  /** The token that it starts with. Default: one that is due. */
  readonly token?: Token;
  /** Life of the tokens that its provider grants; default an hour. */
  readonly lifetimeSeconds?: number;
  /** What its provider answers first. */
  readonly scripts?: readonly Script[];
  /** What becomes of spent material, if not what the provider says. */
  readonly rotation?: Rotation;
  /** Material in place of the provider's. */
  readonly material?: Readonly<Record<string, string>>;
}

/** A credential with a keeper and a provider of its own, over a full stack. */
export class KeptCredential {
  readonly spec: CredentialSpec;
  readonly standIn: StandIn;
  readonly keeper: Keeper;
  readonly #stack: FullStack;

  constructor(stack: FullStack, standIn: StandIn, spec: CredentialSpec) {
    this.#stack = stack;
    this.spec = spec;
    this.standIn = standIn;
    this.keeper = stack.client.workflow.getHandle(keeperWorkflowId(spec.id));
  }

  /** The refresh token as it was applied. */
  get refreshToken(): string {
    const value = this.spec.material['refreshToken'];
    if (typeof value !== 'string') throw new Error('the credential has no refresh token');
    return value;
  }

  apply(spec: CredentialSpec): Promise<ApplyResult> {
    return new KeeperAdministration(this.#stack.client).apply(spec);
  }

  token(): Promise<TokenAnswer> {
    return this.keeper.query(tokenQuery);
  }

  /** What the keeper would refresh with. */
  async state(): Promise<CredentialSpec> {
    return (await this.keeper.query(carriedStateQuery)).spec;
  }

  /** Waits for a token after this generation, asking for a refresh if need be. */
  fresh(afterGeneration = 0): Promise<TokenAnswer> {
    return this.keeper.executeUpdate(ensureFreshUpdate, {
      args: [freshRequest({ afterGeneration })],
    });
  }

  /** Asks for a refresh and does not wait for it. */
  force(): Promise<void> {
    return this.keeper.signal(forceRefreshSignal, forceRequest());
  }

  /** The same credential with new material, as a new login brings it, or with this in its place. */
  renewed(material: Readonly<Record<string, string>> = {}): CredentialSpec {
    const credential = this.standIn.credential(this.spec.id);
    return this.#stack.resolve({
      ...credential,
      material: { ...credential.material, ...material },
    });
  }

  /** Waits until an attempt has failed; what the Temporal UI then shows of it, deciphered. */
  async pendingFailure(): Promise<ApplicationFailure> {
    const { loadedDataConverter } = this.#stack.client.options;
    for (;;) {
      const { raw } = await this.keeper.describe();
      const error = await decodeOptionalFailureToOptionalError(
        loadedDataConverter,
        raw.pendingActivities?.[0]?.lastFailure,
      );
      if (error instanceof ApplicationFailure) return error;
      await delay(LOOK_EVERY_MS);
    }
  }

  /** Waits until the keeper has ended as Failed; the failure, deciphered. */
  async finalFailure(): Promise<ApplicationFailure> {
    const error: unknown = await this.keeper.result().catch((reason: unknown) => reason);
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) {
      return error.cause;
    }
    throw new Error('the keeper did not end as failed');
  }

  /** The same failure as the server has it. */
  async rawFinalFailure(): Promise<unknown> {
    const { events } = await this.keeper.fetchHistory();
    return events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
  }

  /** Codes of the attempts that made no token, by the worker's log. */
  failureCodes(): readonly unknown[] {
    return this.#stack.logLines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line[LOG_KEYS.credentialId] === this.spec.id)
      .flatMap((line) => line[LOG_KEYS.failureCode] ?? []);
  }
}

/** Kept credentials on the real server, each with a provider of its own, so that they do not meet. */
export class KeptCredentials {
  readonly stack: FullStack;
  readonly #standIns: StandIn[] = [];

  private constructor(stack: FullStack) {
    this.stack = stack;
  }

  /** Over a full stack that differs so from the usual one. */
  static async open(
    options: Pick<FullStackOptions, 'env' | 'build'> = {},
  ): Promise<KeptCredentials> {
    return new KeptCredentials(
      await FullStack.open({ openNamespace: openTestNamespace, ...options }),
    );
  }

  /** Applies a new credential. */
  async start(options: KeptOptions = {}): Promise<KeptCredential> {
    const { provider = 'oauth2', lifetimeSeconds = 3_600 } = options;
    const standIn = await startStandIn(WIRES[provider], { lifetimeSeconds });
    this.#standIns.push(standIn);
    if (options.rotation !== undefined) standIn.rotation = options.rotation;
    for (const script of options.scripts ?? []) standIn.answerNext(script);
    const credential = standIn.credential(`kept/${this.#standIns.length}`);
    const material = { ...credential.material, ...options.material };
    const resolved = this.stack.resolve({ ...credential, material });
    const seedToken = options.token ?? dueToken();
    const spec = { ...resolved, seedToken, seedLead: LEAD };
    const kept = new KeptCredential(this.stack, standIn, spec);
    expect(await kept.apply(spec)).toEqual({ outcome: 'started' });
    return kept;
  }

  async close(): Promise<void> {
    await this.stack.close();
    await Promise.all(this.#standIns.map((standIn) => standIn.close()));
  }
}
