import { createActivities } from '../../src/activities/create-activities.js';
import { HostPlaces } from '../../src/activities/host-places.js';
import { LateRecords } from '../../src/activities/late-records.js';
import { RejectedClients } from '../../src/activities/rejected-clients.js';
import { RequestPace } from '../../src/activities/request-pace.js';
import { createWorkerSecrets } from '../../src/activities/worker-secrets.js';
import type { CredentialSpec } from '../../src/contract/credential.js';
import type { FailureSummary } from '../../src/contract/failures.js';
import type { KeeperState } from '../../src/contract/keeper.js';
import type { ApplyRequest } from '../../src/contract/messages.js';
import type { RefreshActivities, RefreshRequest } from '../../src/contract/refresh-activity.js';
import { resolveCredential } from '../../src/credentials/resolve-credential.js';
import { applied } from '../../src/policy/apply.js';
import { resumed, startingState } from '../../src/policy/beginning.js';
import { builtInProviders } from '../../src/providers/index.js';
import type { WireAnswer, WireRequest } from '../../src/providers/port.js';
import { createProviderRegistry } from '../../src/providers/registry.js';
import { Keeper } from '../../src/workflows/keeper.js';
import { refreshRequest } from '../../src/workflows/refresh-request.js';
import { MemoryJournal } from '../support/memory-journal.js';
import {
  abitmediaRefusal,
  answerOf,
  askedByKeeperOf,
  quietEnvironment,
} from '../support/refresh-rig.js';

const ID = 'acme/shop';
const BETWEEN_OPERATIONS_MS = 60_000;
const BORN_AT_MS = Date.UTC(2031, 4, 5);
/** When a token of a file expires: later than any order of files takes. */
const BROUGHT_UNTIL = new Date(BORN_AT_MS + 4 * 3_600_000).toISOString();
/** A login that is refused, one to which the keeper goes back, and what that has to do. */
const TURNS = 3;

const providers = createProviderRegistry(builtInProviders);
const nothing = (): void => undefined;

/** A credentials file with the material of one login. */
export interface File {
  /** Logins are numbered in the order in which they were made. */
  readonly login: number;
  /** The settings are other ones. */
  readonly isChanged?: boolean;
  /** It brings a token, so that no refresh follows at once. */
  readonly bringsToken?: boolean;
}

/** What happens to a credential. */
export type Operation =
  | { readonly does: 'apply'; readonly file: File; readonly returns?: true }
  /** As `apply`, with no worker there before the next operation. */
  | { readonly does: 'apply-unattended'; readonly file: File; readonly returns?: true }
  | {
      readonly does:
        'refresh' | 'terminate' | 'stop' | 'lose-database' | 'back-up' | 'restore-backup';
    };

interface Kept {
  readonly state: KeeperState;
  readonly isRunning: boolean;
}

/**
 * One credential of a provider that ends a whole grant when a spent token is presented, with a journal that nobody loses
 * and a keeper that can be. Only Temporal is left out.
 */
export class WorldOfFiles {
  /** Spent tokens that were presented. */
  readonly violations: string[] = [];
  #nowMs = BORN_AT_MS;
  /** Refresh tokens that the provider takes, with their login. */
  readonly #alive = new Map<string, number>();
  readonly #logins = new Set<number>();
  #granted = 0;
  #kept: Kept | undefined;
  #backup: Kept | undefined;
  #newest: File | undefined;
  readonly #activities: RefreshActivities;

  constructor() {
    const send = (request: WireRequest): Promise<WireAnswer> =>
      Promise.resolve(this.#answer(request.body ?? ''));
    const journal = new MemoryJournal();
    this.#activities = createActivities({
      providers,
      journal,
      late: new LateRecords(journal),
      secrets: createWorkerSecrets({ env: {} }),
      send,
      lookUp: send,
      hosts: new HostPlaces(2),
      clients: new RejectedClients(),
      limits: {},
      pace: new RequestPace({}),
      serverStart: () => Promise.resolve(undefined),
      tellDelay: () => Promise.resolve(),
      log: { info: nothing, warn: nothing },
      metrics: {
        refreshed: nothing,
        failed: nothing,
        answeredFromJournal: nothing,
        journalWriteFailed: nothing,
      },
    });
  }

  /** The file of the newest login, or of the one that was returned to since. */
  get newest(): File | undefined {
    return this.#newest;
  }

  /** Login of the token that is served; `undefined` without a keeper that runs. */
  get servedLogin(): number | undefined {
    const login = /^access-(\d+)-/.exec(this.#kept?.state.token?.value ?? '')?.[1];
    return this.#kept?.isRunning === true && login !== undefined ? Number(login) : undefined;
  }

  get failureCode(): string | undefined {
    return this.#kept?.state.lastFailure?.code;
  }

  /** What an application came to; nothing of any other operation. */
  async run(operation: Operation): Promise<string | undefined> {
    this.#nowMs += BETWEEN_OPERATIONS_MS;
    switch (operation.does) {
      case 'apply': {
        const outcome = this.#apply(operation);
        await this.#work();
        return outcome;
      }
      case 'apply-unattended':
        return this.#apply(operation);
      case 'refresh':
        await this.#work({ isForced: true });
        break;
      case 'terminate':
        if (this.#kept !== undefined) this.#kept = { ...this.#kept, isRunning: false };
        break;
      case 'stop':
        if (this.#kept?.isRunning === true) {
          this.#kept = { state: { ...this.#kept.state, status: 'stopped' }, isRunning: false };
        }
        break;
      case 'lose-database':
        this.#kept = undefined;
        break;
      case 'back-up':
        this.#backup = this.#kept ?? this.#backup;
        break;
      case 'restore-backup':
        this.#kept = this.#backup ?? this.#kept;
        await this.#work();
        break;
    }
    return undefined;
  }

  #answer(body: string): WireAnswer {
    const token = body.startsWith('{')
      ? (JSON.parse(body) as { refreshToken: string }).refreshToken
      : (new URLSearchParams(body).get('refreshToken') ?? '');
    const login = this.#alive.get(token);
    if (login === undefined) {
      this.violations.push(token);
      this.#alive.clear();
      return abitmediaRefusal();
    }
    this.#alive.delete(token);
    this.#granted += 1;
    const refreshToken = `login-${login}-${this.#granted}`;
    this.#alive.set(refreshToken, login);
    return answerOf(200, {
      success: true,
      accessToken: `access-${login}-${this.#granted}`,
      refreshToken,
      expiresIn: 3600,
    });
  }

  #apply({ file, returns }: Extract<Operation, { readonly file: File }>): string {
    const { login } = file;
    const isNew = !this.#logins.has(login);
    if (isNew) {
      this.#logins.add(login);
      this.#alive.set(`login-${login}`, login);
    }
    const { state, isRunning = false } = this.#kept ?? {};
    const request: ApplyRequest = {
      spec: this.#spec(file),
      application: Math.max(this.#nowMs, (state?.application ?? 0) + 1),
      useSearchAttributes: false,
      ...(returns === undefined ? {} : { returns }),
    };
    const next =
      state === undefined
        ? { state: startingState(request, this.#nowMs), outcome: 'started' }
        : (isRunning ? applied : resumed)(state, request, this.#nowMs);
    if ('refused' in next) return `refused: ${next.refused.reason}`;
    this.#kept = { state: next.state, isRunning: true };
    if (isNew || returns === true || login === this.#newest?.login) this.#newest = file;
    return next.outcome;
  }

  #spec({ login, isChanged, bringsToken }: File): CredentialSpec {
    const resolved = resolveCredential(
      {
        id: ID,
        provider: 'abitmedia',
        config: isChanged === true ? { encoding: 'form' } : {},
        material: {
          refreshToken: `login-${login}`,
          ...(bringsToken === true
            ? {
                accessToken: `brought-${login}`,
                expiresAt: BROUGHT_UNTIL,
              }
            : {}),
        },
        refresh: {},
      },
      { providers, env: {}, readSecretFile: () => undefined, nowMs: this.#nowMs },
    );
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
    return resolved.value;
  }

  /** Lets the keeper do what is due, or a refresh that is asked for. */
  async #work({ isForced = false } = {}): Promise<void> {
    for (let turn = 0; turn < TURNS && this.#kept?.isRunning === true; turn += 1) {
      const keeper = new Keeper(this.#kept.state, false);
      const { generation } = keeper.state;
      if (isForced && turn === 0) {
        keeper.force(
          { unusableGeneration: generation, cuts: 'retry-after', wantedAtMs: this.#nowMs },
          this.#nowMs,
        );
      }
      if (keeper.nextStartAtMs <= this.#nowMs) await this.#refresh(keeper);
      else if (keeper.state.isUnrecorded === true) await this.#record(keeper);
      else return;
      this.#kept = { state: keeper.state, isRunning: !keeper.hasEnded };
      this.#nowMs += BETWEEN_OPERATIONS_MS;
    }
  }

  async #refresh(keeper: Keeper): Promise<void> {
    const { reason } = keeper.begin(this.#nowMs);
    const request = refreshRequest(keeper.state, reason);
    await this.#unlessRefused(keeper, async () => {
      keeper.succeed(await this.#run(this.#activities.refreshToken, request), this.#nowMs);
    });
  }

  async #record(keeper: Keeper): Promise<void> {
    const request = refreshRequest(keeper.state, 'due');
    await this.#unlessRefused(keeper, async () => {
      const recorded = await this.#run(this.#activities.recordApplication, request);
      keeper.recordedApplication(recorded, this.#nowMs);
    });
  }

  async #unlessRefused(keeper: Keeper, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { type, details } = error as { type?: string; details?: [FailureSummary] };
      if (type !== 'PermanentRefreshError' || details === undefined) throw error;
      keeper.failForGood({ ...details[0], type }, this.#nowMs);
    }
  }

  #run<Result>(
    activity: (request: RefreshRequest) => Promise<Result>,
    request: RefreshRequest,
  ): Promise<Result> {
    const environment = quietEnvironment();
    Object.assign(environment.context.info, askedByKeeperOf(request), {
      attempt: 1,
      currentAttemptScheduledTimestampMs: this.#nowMs,
    });
    return environment.run<[RefreshRequest], Result, typeof activity>(activity, request);
  }
}
