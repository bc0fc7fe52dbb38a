import type { ConfigProblem } from './config-error.js';
import { fileText, withoutLineEnd } from './file-text.js';

/** An environment in which secrets that files hold stand as if they were set. */
export interface ReadEnvironment {
  readonly env: NodeJS.ProcessEnv;
  readonly problems: readonly ConfigProblem[];
}

/** Reads what `NAME_FILE` names, for each of these names. */
export function readSecretFiles(env: NodeJS.ProcessEnv, names: readonly string[]): ReadEnvironment {
  const read = { ...env };
  const problems: ConfigProblem[] = [];
  for (const name of names) {
    const variable = `${name}_FILE`;
    const path = env[variable];
    if (path === undefined) continue;
    Reflect.deleteProperty(read, variable);
    if (env[name] !== undefined) {
      problems.push({ variable, reason: `set beside ${name}` });
      continue;
    }
    const value = withoutLineEnd(fileText(path) ?? '');
    if (value === '') problems.push({ variable, reason: 'names no file with a value' });
    else read[name] = value;
  }
  return { env: read, problems };
}
