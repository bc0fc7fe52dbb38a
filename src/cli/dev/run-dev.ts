import { setTimeout as delay } from 'node:timers/promises';
import { abortable } from '../../client/abortable.js';
import type { CredentialSpec } from '../../contract/credential.js';
import { STOP_SIGNALS } from '../../contract/stop-signals.js';
import { parseCredentials } from '../../credentials/load-credentials.js';
import { DEV_FILES } from '../../dev-server/dev-files.js';
import { Teardown } from '../../dev-server/teardown.js';
import { builtInProviders } from '../../providers/index.js';
import { createProviderRegistry } from '../../providers/registry.js';
import { appliedLine } from '../apply/applied-text.js';
import { applyCredentials } from '../apply/apply-credentials.js';
import { readSpecs } from '../credentials-file.js';
import { CommandError, ReportedFailure } from '../errors.js';
import { EXIT_CODES } from '../exit-codes.js';
import { ENOUGH_REFRESHES } from '../numbers.js';
import { clearScreen, print, report } from '../output.js';
import { outputUnread } from '../unread-output.js';
import type { DevEnvironment, DevStart } from './environment.js';
import { devChanges, devTable } from './view.js';
import type { DevRow } from './view.js';
import { DevWatch } from './watch.js';

/** Life of the stand-ins' tokens. They are refreshed at half of it, so a minute shows several refreshes. */
const STAND_IN_LIFETIME_S = 30;
const VIEW_INTERVAL_MS = 1_000;

export interface DevOptions {
  readonly for?: number;
  readonly file?: string;
  readonly secretsDir?: string;
}

/** How the parts of a dev environment are started. */
export type StartParts = (start: DevStart) => Promise<DevEnvironment>;

/** Runs everything on this machine until Ctrl-C, or for the time of `--for`. */
export async function runDev(options: DevOptions, start: StartParts): Promise<void> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  // A terminal and npm may both send one. Without a listener, the next would end the process with a request on the way.
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  // With `--for` its exit code is what somebody waits for.
  if (options.for === undefined) outputUnread.addEventListener('abort', onSignal, { once: true });
  const teardown = new Teardown();
  // What came first is the cause of what then does not end.
  const failures: unknown[] = [];
  try {
    await devUntil(options, start, teardown, interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) failures.push(asCommandError(error));
    else if (options.for !== undefined) {
      failures.push(new CommandError('interrupted before the time was over'));
    }
  }
  report('stopping …');
  await teardown.run().catch((error: unknown) => failures.push(error));
  for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  if (failures.length > 0) throw failures[0];
}

async function devUntil(
  options: DevOptions,
  start: StartParts,
  teardown: Teardown,
  signal: AbortSignal,
): Promise<void> {
  const specs =
    options.file === undefined ? undefined : readSpecs(options.file, options.secretsDir);
  const environment = await start({ env: process.env, teardown, report, signal });
  const kept = specs ?? (await standInSpecs(teardown));
  report(`applying ${kept.length} credentials …`);
  const applying = applyCredentials(environment, kept, {
    // Otherwise the process would wait on for tokens after all of its parts have ended.
    signal,
    onResult: (result) => {
      if (!signal.aborted) report(appliedLine(result, Date.now()));
    },
  });
  await abortable(applying, signal);
  const rows = await show(environment, kept, options.for, signal);
  if (options.for === undefined) return;
  signal.throwIfAborted();
  if (rows.length === 0) throw new CommandError('there was no credential to refresh');
  const isEnough = rows.every(({ refreshes }) => refreshes >= ENOUGH_REFRESHES);
  print(devTable(rows, Date.now()));
  print(
    isEnough
      ? 'every credential was refreshed'
      : `not every credential was refreshed at least ${ENOUGH_REFRESHES} times`,
  );
  if (!isEnough) throw new ReportedFailure(EXIT_CODES.failed);
}

/** The stand-ins forget everything when they end. So each start applies new material, which opens a new epoch. */
async function standInSpecs(teardown: Teardown): Promise<readonly CredentialSpec[]> {
  const { startStandIns } = await import('../../stand-ins/index.js');
  const standIns = await startStandIns({ lifetimeSeconds: STAND_IN_LIFETIME_S });
  teardown.add(() => standIns.close());
  const credentials = standIns.all.map((standIn) => standIn.credential(`demo/${standIn.provider}`));
  return parseCredentials(JSON.stringify({ credentials }), 'stand-ins', {
    providers: createProviderRegistry(builtInProviders),
    env: {},
    readSecretFile: () => undefined,
    nowMs: Date.now(),
  });
}

/**
 * Shows the credentials, at least once, until the time is over or the signal fires. Rejects if a
 * part of the environment ends.
 */
async function show(
  environment: DevEnvironment,
  specs: readonly CredentialSpec[],
  forMs: number | undefined,
  signal: AbortSignal,
): Promise<readonly DevRow[]> {
  const watch = new DevWatch(environment.tokens, specs);
  const endsAtMs = performance.now() + (forMs ?? Number.POSITIVE_INFINITY);
  const isOver = (): boolean => signal.aborted || performance.now() >= endsAtMs;
  let rows: readonly DevRow[] = [];
  const title = headline(environment, specs[0]?.id);
  if (!process.stdout.isTTY) print(title);
  do {
    const next = await watch.look();
    if (process.stdout.isTTY) {
      clearScreen();
      print(`${title}\n\n${devTable(next, Date.now())}`);
    } else {
      for (const line of devChanges(rows, next)) print(line);
    }
    rows = next;
    const ended = await Promise.race([environment.broken, pause(signal)]);
    // An interrupt ends the worker too, and is no failure.
    if (isOver()) break;
    if (ended !== undefined) throw new CommandError(ended);
    if (environment.hasServerEnded()) {
      throw new CommandError(`the Temporal dev server ended; see ${DEV_FILES.serverLog}`);
    }
  } while (!isOver());
  return rows;
}

async function pause(signal: AbortSignal): Promise<undefined> {
  await delay(VIEW_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
}

function headline({ address, uiUrl }: DevEnvironment, firstId: string | undefined): string {
  const ui = uiUrl === undefined ? '' : `, UI ${uiUrl}`;
  const hint =
    firstId === undefined ? '' : `. In another terminal, here: npx evertoken token ${firstId}`;
  return `evertoken dev: Temporal ${address}${ui}${hint}`;
}

/** If a part of the environment does not start, its error is written for people, and is shown as it is. */
function asCommandError(error: unknown): unknown {
  return error instanceof Error && error.constructor === Error
    ? new CommandError(error.message)
    : error;
}
