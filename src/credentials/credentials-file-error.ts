/** One thing wrong with a credentials file. The reason never holds a value of material. */
export interface CredentialsProblem {
  /** From 1; absent where the file as a whole is wrong. */
  readonly line?: number;
  /** Id of the credential, or its place in the list where it has no usable id. */
  readonly credential?: string;
  /** Path of the field, such as `material.accessToken`. */
  readonly field?: string;
  readonly reason: string;
}

/** A credentials file cannot be used. The message names file, line, credential and field of every problem. */
export class CredentialsFileError extends Error {
  override readonly name = 'CredentialsFileError';
  readonly file: string;
  readonly problems: readonly CredentialsProblem[];

  constructor(file: string, problems: readonly CredentialsProblem[]) {
    super(problems.map((problem) => problemLine(file, problem)).join('\n'));
    this.file = file;
    this.problems = problems;
  }
}

function problemLine(
  file: string,
  { line, credential, field, reason }: CredentialsProblem,
): string {
  const place = line === undefined ? file : `${file}:${line}`;
  const parts = [
    ...(credential === undefined ? [] : [`credential ${credential}`]),
    ...(field === undefined ? [] : [`field ${field}`]),
  ];
  return `${place}: ${parts.length === 0 ? '' : `${parts.join(', ')}: `}${reason}`;
}
