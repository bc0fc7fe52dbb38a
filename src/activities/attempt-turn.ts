import type { ApplicationFailure } from '@temporalio/activity';
import { defined } from '../contract/defined.js';
import type { JournalEntry } from '../contract/journal-entry.js';
import { concernsWholeClient } from '../policy/classify.js';
import { clientLookMs, earlyLookMs } from '../policy/client-look.js';
import type { NoToken } from '../policy/no-token.js';
import type { Now, Send } from '../providers/port.js';
import { WireError } from '../providers/wire-error.js';
import type { AttemptContext } from './attempt-context.js';
import type { Client } from './bound-credential.js';
import type { Rejection } from './secret-standing.js';

/**
 * An attempt's turn among the others of this process. Its client must not be known as rejected, and its hosts must have
 * a place for it. Otherwise the attempt fails at once and comes back later, so it holds no slot while it waits. It has
 * sent and recorded nothing, so it counts as no setback.
 */
export class AttemptTurn {
  readonly #context: AttemptContext;
  readonly #client: Client | undefined;
  readonly #places = new Map<string, () => void>();
  #isOver = false;
  /** Why it is not this attempt's turn at a host, once that is so. */
  refusal: ApplicationFailure | undefined;

  constructor(context: AttemptContext, client: Client | undefined) {
    this.#context = context;
    this.#client = client;
  }

  /**
   * Throws where the client is rejected, or is being tried by another credential's request. An
   * operator's force is for one request: what the journal has of this execution tells whether that
   * has gone out, since a wait for a turn leaves nothing there.
   */
  begin(found: Pick<JournalEntry, 'setback'> | undefined): void {
    const { deps, request, attempt, report } = this.#context;
    if (this.#client === undefined) return;
    const expiresAtMs = request.currentToken?.expiresAtMs;
    const turn = deps.clients.turn(this.#client, {
      credentialId: request.credentialId,
      taskQueue: attempt.taskQueue,
      isAskedFor:
        request.reason === 'forced-now' && found?.setback?.execution !== attempt.execution,
      ...defined({
        tokenLeftMs: expiresAtMs && expiresAtMs - attempt.clock.now(),
        limit: this.#limit,
      }),
    });
    switch (turn.do) {
      case 'send':
        return;
      case 'await-trial':
        throw report.turnAwaited('client_on_trial', turn.waitMs);
      case 'refuse':
        throw report.clientRejected(turn.rejection, this.#lookInMs(turn.held, turn.earlyInMs));
    }
  }

  /**
   * Takes a place at the host of an address, for as long as the attempt lasts. Throws where none is left, and once the attempt
   * is over: a look-up that was given up may go on, and nobody would give its place back.
   */
  takePlace(url: string): void {
    if (this.#isOver) throw new WireError('look_up_failed', false);
    const host = URL.canParse(url) ? new URL(url).host : '';
    if (this.#places.has(host)) return;
    const place = this.#context.deps.hosts.take(host);
    if ('leave' in place) {
      this.#places.set(host, place.leave);
      return;
    }
    this.refusal = this.#context.report.turnAwaited('host_full', place.waitMs);
    throw this.refusal;
  }

  /** Waits until the rate limit of the task queue has room for a request. */
  async pace(): Promise<void> {
    const { deps, attempt } = this.#context;
    await deps.pace.turn(attempt.taskQueue);
  }

  /** Look-ups that take places too. */
  readonly lookUp: Send = async (request) => {
    this.takePlace(request.url);
    return this.#context.deps.lookUp(request);
  };

  /** The time with which a request dates what it proves. */
  readonly now: Now = () => this.#context.attempt.serverNow(this.#context.deps.serverStart);

  accepted(): void {
    const { deps, request } = this.#context;
    if (this.#client !== undefined) deps.clients.accepted(this.#client, request.credentialId);
  }

  /**
   * Records what an answer says of the client. Returns when the keeper should look again, in milliseconds, if the answer
   * says so.
   */
  judged({ meaning, code, httpStatus }: NoToken): number | undefined {
    const { deps, request, attempt } = this.#context;
    if (this.#client === undefined || meaning !== 'client-rejected') return undefined;
    if (!concernsWholeClient(code)) return undefined;
    const rejection: Rejection = {
      code,
      ...defined({ httpStatus }),
      atMs: attempt.clock.now(),
    };
    const facts = { credentialId: request.credentialId, taskQueue: attempt.taskQueue };
    return this.#lookInMs(deps.clients.rejected(this.#client, facts, rejection));
  }

  end(): void {
    const { deps, request } = this.#context;
    this.#isOver = true;
    for (const leave of this.#places.values()) leave();
    if (this.#client !== undefined) deps.clients.undecided(this.#client, request.credentialId);
  }

  #lookInMs(held: number, earlyInMs?: number): number {
    const facts = { held, ...defined({ limit: this.#limit }), jitter: Math.random() };
    return earlyInMs === undefined ? clientLookMs(facts) : earlyLookMs(facts, earlyInMs);
  }

  /** Attempts a second that the task queue hands out, where it is limited. */
  get #limit(): number | undefined {
    return this.#context.deps.limits[this.#context.attempt.taskQueue];
  }
}
