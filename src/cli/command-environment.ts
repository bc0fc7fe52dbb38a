import { devVariables, runningDevSession } from '../dev-server/dev-session.js';
import { report } from './output.js';

/** If one of these is set, the caller means another server or other keys. */
const OWN_SETTINGS = ['TEMPORAL_', 'EVERTOKEN_ENCRYPTION_KEYS', 'EVERTOKEN_ALLOW_PLAINTEXT'];

/**
 * The environment of a command: that of the process. If it names neither a server nor keys, and `evertoken dev` runs in this
 * directory, then that of `evertoken dev`.
 */
export async function commandEnvironment(
  env: NodeJS.ProcessEnv = process.env,
): Promise<NodeJS.ProcessEnv> {
  const isSet = Object.keys(env).some((name) => OWN_SETTINGS.some((own) => name.startsWith(own)));
  const session = isSet ? undefined : await runningDevSession();
  if (session === undefined) return env;
  report(`using the evertoken dev of this directory [process=${session.pid}]`);
  return { ...env, ...devVariables(session) };
}
