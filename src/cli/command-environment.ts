import { type DevSession, devVariables, runningDevSession } from '../dev-server/dev-session.js';
import { UsageError } from './errors.js';
import { report } from './output.js';

/** If one of these is set, the caller means another server or other keys. */
const OWN_SETTINGS = ['TEMPORAL_', 'EVERTOKEN_ENCRYPTION_KEYS', 'EVERTOKEN_ALLOW_PLAINTEXT'];
/** If one of these is set, a service is tried with the keys that `evertoken keys reader` printed here. */
const READER_KEYS = ['EVERTOKEN_READER_KEYS', 'EVERTOKEN_READER_KEYS_FILE'];

/**
 * The environment of a command: that of the process. If it names neither a server nor keys, and `evertoken dev` runs in this
 * directory, then that of `evertoken dev`. Reader keys stand in for the key of `evertoken dev`.
 * @throws UsageError if that dev has no key that is found here
 */
export async function commandEnvironment(
  env: NodeJS.ProcessEnv = process.env,
): Promise<NodeJS.ProcessEnv> {
  const set = Object.keys(env).filter((name) => env[name] !== '');
  const isOwn = set.some((name) => OWN_SETTINGS.some((own) => name.startsWith(own)));
  const session = isOwn ? undefined : await runningDevSession();
  if (session === undefined) return env;
  const isReader = set.some((name) => READER_KEYS.includes(name));
  if (!isReader && session.sealing !== 'dev-key') throw unknownKeys(session);
  report(`using the evertoken dev of this directory [process=${session.pid}]`);
  const { EVERTOKEN_ENCRYPTION_KEYS, ...server } = devVariables(session);
  return { ...env, ...server, ...(isReader ? {} : { EVERTOKEN_ENCRYPTION_KEYS }) };
}

/** Whoever sets keys means a server, too, so the advice names both. */
function unknownKeys({ pid, sealing, temporalAddress }: DevSession): UsageError {
  const [what, variable] =
    sealing === 'own-keys'
      ? ['was started with keys of its own', 'EVERTOKEN_ENCRYPTION_KEYS']
      : ['keeps its secrets in plain text', 'EVERTOKEN_ALLOW_PLAINTEXT=true'];
  return new UsageError(
    `the evertoken dev of this directory ${what} [process=${pid}]; ` +
      `set ${variable} and TEMPORAL_ADDRESS=${temporalAddress} here, too`,
  );
}
