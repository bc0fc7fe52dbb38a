import type { CredentialSpec } from '../../src/contract/credential.js';
import { resolveCredential } from '../../src/credentials/resolve-credential.js';
import { LEAD_MAX_MS } from '../../src/policy/attempt-numbers.js';
import { leadRule } from '../../src/policy/refresh-time.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';
import type { Rotation } from '../../src/stand-ins/issued-secrets.js';
import type { StandInReply } from '../../src/stand-ins/message.js';
import { oauth2StandIn } from '../../src/stand-ins/oauth2.js';
import { type StandIn, startStandIn } from '../../src/stand-ins/stand-in.js';
import type { StandInCredential } from '../../src/stand-ins/wire.js';
import { HoldingProxy } from '../support/holding-proxy.js';
import { StepGate } from './step-gate.js';

const LIFETIME_S = 3_600;
/** Less than the lead of an hour's token, so that its refresh is due at once. */
const DUE_LEFT_MS = 60_000;

/** How a credential starts. */
export interface FaultCredentialOptions {
  readonly rotation: RotationName;
  /** Validity left at the start; default a minute, with which a refresh is due at once. */
  readonly leftMs?: number;
  /** Default: that of an hour's token. */
  readonly leadMs?: number;
}

/** Kinds of providers in the campaign: a spent refresh token dies at once, or after a while. */
export const ROTATIONS = {
  strict: 'strict',
  grace: { graceMs: 10 * 60_000 },
} as const satisfies Readonly<Record<string, Rotation>>;
export type RotationName = keyof typeof ROTATIONS;

/** A credential of an authorization server of its own, whose first refresh goes step by step. */
export class FaultCredential {
  readonly spec: CredentialSpec;
  readonly rotation: RotationName;
  /** Between the worker and the token endpoint. */
  readonly network: HoldingProxy;
  /** The first request reached the provider. */
  readonly arrived = new StepGate();
  readonly mayWork = new StepGate();
  readonly worked = new StepGate();
  readonly mayAnswer = new StepGate();
  readonly #given: StandInCredential;
  readonly #standIn: StandIn;
  #isDropped = false;

  private constructor(
    given: StandInCredential,
    options: FaultCredentialOptions,
    standIn: StandIn,
    network: HoldingProxy,
  ) {
    this.spec = specOf(given, options);
    this.rotation = options.rotation;
    this.#given = given;
    this.#standIn = standIn;
    this.network = network;
  }

  static async open(id: string, options: FaultCredentialOptions): Promise<FaultCredential> {
    const standIn = await startStandIn(oauth2StandIn, { lifetimeSeconds: LIFETIME_S });
    standIn.rotation = ROTATIONS[options.rotation];
    const network = await HoldingProxy.open(new URL(standIn.baseUrl).host);
    const credential = standIn.credential(id);
    const { issuer: _issuer, ...config } = credential.config;
    const tokenEndpoint = `http://${network.address}/token`;
    const given = { ...credential, config: { ...config, tokenEndpoint } };
    const opened = new FaultCredential(given, options, standIn, network);
    standIn.answerNext((faithful) => opened.#answerInSteps(faithful));
    return opened;
  }

  /** The credential as `apply` hands it on after somebody logged in again. */
  newLogin(): CredentialSpec {
    const { material } = this.#standIn.credential(this.spec.id);
    return specOf({ ...this.#given, material }, { rotation: this.rotation });
  }

  /** Lets the provider answer; also requests that have yet to come. */
  letAnswer(): void {
    this.mayWork.open();
    this.mayAnswer.open();
  }

  /** The worker is dead: a request that is with the provider is forgotten there, unless the work is done. */
  forgetOpenRequest(): void {
    this.#isDropped = this.arrived.isOpen && !this.worked.isOpen;
    this.letAnswer();
  }

  /** Requests that reached the provider. */
  get requests(): number {
    return this.#standIn.requests.length;
  }

  /** Requests that the provider worked on and that presented a token which had been spent before. */
  get spentTwice(): number {
    const presented = this.#standIn.requests.map(({ body }) =>
      new URLSearchParams(body).get('refresh_token'),
    );
    const worked = this.#isDropped ? presented.slice(1) : presented;
    return worked.length - new Set(worked).size;
  }

  async close(): Promise<void> {
    await this.network.close();
    await this.#standIn.close();
  }

  async #answerInSteps(faithful: () => StandInReply): Promise<StandInReply> {
    this.arrived.open();
    await this.mayWork.passed;
    if (this.#isDropped) return { status: 0, headers: {}, body: '', lost: 'cut' };
    const reply = faithful();
    this.worked.open();
    await this.mayAnswer.passed;
    return reply;
  }
}

/** As `apply` would hand it to its keeper, with a token of an hour. */
function specOf(
  credential: StandInCredential,
  { leftMs = DUE_LEFT_MS, leadMs }: FaultCredentialOptions,
): CredentialSpec {
  const nowMs = Date.now();
  const resolved = resolveCredential(
    { ...credential, refresh: {} },
    {
      providers: createProviderRegistry(builtInProviders),
      env: {},
      readSecretFile: () => undefined,
      nowMs,
    },
  );
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  const expiresAtMs = nowMs + leftMs;
  const issuedAtMs = expiresAtMs - LIFETIME_S * 1_000;
  return {
    ...resolved.value,
    seedToken: { value: 'seed', tokenType: 'Bearer', issuedAtMs, expiresAtMs },
    seedLead: leadRule({
      timing: { leadMs: leadMs ?? LEAD_MAX_MS },
      spendsToken: false,
      jitter: 0,
    }),
    ...(leadMs === undefined ? {} : { timing: { ...resolved.value.timing, leadMs } }),
  };
}
