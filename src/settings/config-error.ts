/** A variable that cannot be used, and why. The reason never holds its value. */
export interface ConfigProblem {
  readonly variable: string;
  readonly reason: string;
}

/** The environment cannot be used. The message names every bad variable, and no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, reason }) => `\n  ${variable}: ${reason}`);
    super(`environment cannot be used${lines.join('')}`);
    this.problems = problems;
  }
}
