import type { CredentialSpec } from '../../contract/credential.js';
import type { ApplyOptions } from '../../keepers/apply-result.js';
import { ReportedFailure } from '../errors.js';
import { EXIT_CODES } from '../exit-codes.js';
import { print, printJson, report } from '../output.js';
import type { OutputFormat } from '../output.js';
import type { CliSession } from '../session.js';
import { appliedJson, appliedLine } from './applied-text.js';
import { applyCredentials, exitCodeOfAll } from './apply-credentials.js';
import type { AppliedCredential } from './applied-credential.js';
import { ApplyProgress } from './progress.js';
import { keepers, prune } from './prune.js';

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
  const onResult = (result: AppliedCredential): void => {
    progress.clear();
    if (output === 'text') print(appliedLine(result, Date.now()));
    progress.count(result);
  };
  const applied = await applyCredentials(session, specs, { ...options, wait, onResult }).finally(
    () => progress.end(),
  );
  const hasFailed = exitCodeOfAll(applied) !== EXIT_CODES.done;
  if (hasFailed && stopped.length > 0) {
    report(`${keepers(stopped.length)} not stopped, because a credential of the file failed`);
  }
  const results = [...applied, ...(hasFailed ? [] : await prune(session, stopped, onResult))];
  if (output === 'json') printJson(results.map(appliedJson));
  const exitCode = exitCodeOfAll(results);
  if (exitCode !== EXIT_CODES.done) throw new ReportedFailure(exitCode);
}
