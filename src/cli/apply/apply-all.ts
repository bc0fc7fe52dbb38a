import type { CredentialSpec } from '../../contract/credential.js';
import type { ApplyOptions } from '../../keepers/apply-result.js';
import { unservedReason } from '../../keepers/unanswered.js';
import { ReportedFailure } from '../errors.js';
import { EXIT_CODES } from '../exit-codes.js';
import { CLI_CALL_DEADLINE_MS } from '../numbers.js';
import { print, printJson, report } from '../output.js';
import type { OutputFormat } from '../output.js';
import type { CliSession } from '../session.js';
import { appliedJson, appliedLine } from './applied-text.js';
import { applyCredentials, exitCodeOfAll } from './apply-credentials.js';
import type { AppliedCredential } from './applied-credential.js';
import { tellingWhenInterrupted } from './interruption.js';
import { ApplyProgress } from './progress.js';
import { keepersText, prune } from './prune.js';

/** How a command that applies was called. */
export interface ApplyAllOptions extends Pick<ApplyOptions, 'returns'> {
  readonly wait: boolean;
  readonly output: OutputFormat;
}

/**
 * Applies credentials and then, if none of them failed, stops keepers.
 * @throws ReportedFailure when something failed, with the exit code for it
 */
export async function applyAll(
  session: CliSession,
  specs: readonly CredentialSpec[],
  { output, wait, ...options }: ApplyAllOptions,
  stopped: readonly string[] = [],
): Promise<void> {
  report(`applying ${specs.length} credential${specs.length === 1 ? '' : 's'} …`);
  const progress = new ApplyProgress(specs.length);
  const known: AppliedCredential[] = [];
  const onResult = (result: AppliedCredential): void => {
    known.push(result);
    progress.clear();
    if (output === 'text') print(appliedLine(result, Date.now()));
    progress.count(result);
  };
  const tellKnown = (): void => {
    progress.end();
    if (output === 'json') printJson(known.map(appliedJson));
    const total = specs.length + stopped.length;
    report(`interrupted; what became of ${known.length} of ${total} is known`);
  };
  const results = await tellingWhenInterrupted(tellKnown, async () => {
    const { client } = session;
    const appliers = {
      ...session,
      unserved: (taskQueue?: string) =>
        client.withDeadline(Date.now() + CLI_CALL_DEADLINE_MS, () =>
          unservedReason(client, taskQueue),
        ),
    };
    const applied = await applyCredentials(appliers, specs, { ...options, wait, onResult }).finally(
      () => progress.end(),
    );
    if (exitCodeOfAll(applied) === EXIT_CODES.done) {
      return [...applied, ...(await prune(session, stopped, onResult))];
    }
    if (stopped.length > 0) {
      report(`${keepersText(stopped.length)} not stopped, because a credential of the file failed`);
    }
    return applied;
  });
  if (output === 'json') printJson(results.map(appliedJson));
  const exitCode = exitCodeOfAll(results);
  if (exitCode !== EXIT_CODES.done) throw new ReportedFailure(exitCode);
}
