import { devVariables, runningDevSession } from '../dev-server/dev-session.js';
import { report } from './output.js';

/** If one of these is set, the caller means another server or other keys. */
const OWN_SETTINGS = ['TEMPORAL_', 'EVERTOKEN_ENCRYPTION_KEYS', 'EVERTOKEN_ALLOW_PLAINTEXT'];
/** If one of these is set, a service is tried with the keys that `evertoken keys reader` printed here. */
const READER_KEYS = ['EVERTOKEN_READER_KEYS', 'EVERTOKEN_READER_KEYS_FILE'];

/**
 * The environment of a command: that of the process. If it names neither a server nor keys, and `evertoken dev` runs in this
 * directory, then that of `evertoken dev`. Reader keys stand in for the key of `evertoken dev`.
 */
export async function commandEnvironment(
  env: NodeJS.ProcessEnv = process.env,
): Promise<NodeJS.ProcessEnv> {
  const set = Object.keys(env).filter((name) => env[name] !== '');
  const isOwn = set.some((name) => OWN_SETTINGS.some((own) => name.startsWith(own)));
  const session = isOwn ? undefined : await runningDevSession();
  if (session === undefined) return env;
  report(`using the evertoken dev of this directory [process=${session.pid}]`);
  const { EVERTOKEN_ENCRYPTION_KEYS, ...server } = devVariables(session);
  const isReader = set.some((name) => READER_KEYS.includes(name));
  return { ...env, ...server, ...(isReader ? {} : { EVERTOKEN_ENCRYPTION_KEYS }) };
}
