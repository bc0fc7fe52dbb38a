import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { CredentialSummary } from '../../client/keeper-port.js';
import { KEEPER_STATUSES } from '../../contract/keeper.js';
import type { KeeperStatus } from '../../contract/keeper.js';
import { dateText } from '../../policy/date-text.js';
import { commandEnvironment } from '../command-environment.js';
import { errorText } from '../error-text.js';
import { LIST_INTERVAL_MS } from '../numbers.js';
import { clearScreen, outputOption, print, printJson, report, table } from '../output.js';
import type { OutputFormat } from '../output.js';
import { withReadSession } from '../session.js';
import { relativeText } from '../time-text.js';
import { outputUnread } from '../unread-output.js';

interface ListOptions {
  readonly status?: KeeperStatus;
  readonly provider?: string;
  readonly watch?: true;
  readonly output: OutputFormat;
}

/** `evertoken list`: all credentials, without secrets. */
export function listCommand(): Command {
  return new Command('list')
    .description('list credentials, without secrets')
    .addOption(new Option('--status <status>', 'only of this status').choices(KEEPER_STATUSES))
    .option('--provider <name>', 'only of this provider')
    .option('--watch', `print the list every ${LIST_INTERVAL_MS / 1_000} s, until Ctrl-C`)
    .addOption(outputOption())
    .action(printList);
}

async function printList({ watch, output, ...filter }: ListOptions): Promise<void> {
  await withReadSession(await commandEnvironment(), async ({ tokens }) => {
    const show = async (): Promise<void> => {
      const found = await tokens.list(filter);
      if (watch && process.stdout.isTTY) clearScreen();
      if (output === 'json') printJson(found.map(summaryJson));
      else print(listTable(found, Date.now()));
    };
    if (watch) await keepShowing(show, LIST_INTERVAL_MS, outputUnread);
    else await show();
  });
}

/**
 * Shows again and again until the signal fires. Rejects if the first time fails; a later failure is
 * said, once while it lasts.
 */
export async function keepShowing(
  show: () => Promise<void>,
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  await show();
  let said: string | undefined;
  for (;;) {
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const failure = await show().then(
      () => undefined,
      (error: unknown) => errorText(error, process.env),
    );
    if (failure !== undefined && failure !== said) report(failure);
    said = failure;
  }
}

function summaryJson({ expiresAtMs, ...rest }: CredentialSummary): object {
  return { ...rest, expiresAt: expiresAtMs === undefined ? undefined : dateText(expiresAtMs) };
}

function listTable(found: readonly CredentialSummary[], nowMs: number): string {
  if (found.length === 0) return 'no credentials';
  return table(
    ['CREDENTIAL', 'PROVIDER', 'STATUS', 'EXPIRES'],
    found.map(({ id, provider, status, expiresAtMs }) => [
      id,
      provider ?? '?',
      status ?? '?',
      expiresAtMs === undefined ? '' : relativeText(expiresAtMs, nowMs),
    ]),
  );
}
