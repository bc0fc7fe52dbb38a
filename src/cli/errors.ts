/** The command was called in a way that cannot work. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command failed. The message is ours, and fit to be shown. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The command failed, and has already reported everything. */
export class ReportedFailure extends Error {
  override readonly name = 'ReportedFailure';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('already reported');
    this.exitCode = exitCode;
  }
}
