import { devVariables, runningDevSession } from '../dev-server/dev-session.js';
import { report } from './output.js';

/** Variables any of which says that the caller means another server or other keys. */
const OWN_SETTINGS = ['TEMPORAL_', 'EVERTOKEN_ENCRYPTION_KEYS', 'EVERTOKEN_ALLOW_PLAINTEXT'];

/**
 * The environment of a command: the process's own, or, where that names neither a server nor keys, that of the
 * `evertoken dev` that runs in this directory.
 */
export function commandEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const isSet = Object.keys(env).some((name) => OWN_SETTINGS.some((own) => name.startsWith(own)));
  const session = isSet ? undefined : runningDevSession();
  if (session === undefined) return env;
  report(`using the evertoken dev of this directory [process=${session.pid}]`);
  return { ...env, ...devVariables(session) };
}
