import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fitsExactly, number, object, text, words } from '../contract/shape.js';
import { DEV_FILES } from './dev-files.js';
import { readDevKey } from './dev-key.js';
import { isListening } from './listening.js';
import { isProcessAlive } from './process-alive.js';

/** With what a dev environment seals: the key of its directory, keys that its user gave it, or nothing. */
const SEALINGS = ['dev-key', 'own-keys', 'plain-text'] as const;
export type DevSealing = (typeof SEALINGS)[number];

/** A dev environment that runs in this directory. Its file is no secret, so it holds no key. */
export interface DevSession {
  readonly pid: number;
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly sealing: DevSealing;
}

const SESSION = object({
  pid: number,
  temporalAddress: text,
  namespace: text,
  sealing: words(...SEALINGS),
});

/** Lets the commands in other terminals find this process. */
export function announceDevSession(session: DevSession): void {
  writeFileSync(DEV_FILES.session, `${JSON.stringify(session, undefined, 2)}\n`);
}

/** Takes the announcement back. */
export function withdrawDevSession(): void {
  rmSync(DEV_FILES.session, { force: true });
}

/**
 * The dev environment that another process runs in this directory, if one does. A killed one leaves its file behind, and its
 * process id may be this one's by now, as in a container that was started again, or another program's.
 */
export async function runningDevSession(): Promise<DevSession | undefined> {
  const session = announcedSession();
  if (session === undefined || session.pid === process.pid) return undefined;
  const runs = isProcessAlive(session.pid) && (await isListening(session.temporalAddress));
  return runs ? session : undefined;
}

function announcedSession(): DevSession | undefined {
  try {
    const session: unknown = JSON.parse(readFileSync(DEV_FILES.session, 'utf8'));
    return fitsExactly(session, SESSION) ? (session as DevSession) : undefined;
  } catch {
    // No file, or a damaged one.
    return undefined;
  }
}

/** Variables with which a command talks to a dev environment. */
export function devVariables({ temporalAddress, namespace }: DevSession): NodeJS.ProcessEnv {
  return {
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    // The user's own file would add the API key and the TLS of another server.
    TEMPORAL_CONFIG_FILE: DEV_FILES.temporalConfig,
    EVERTOKEN_ENCRYPTION_KEYS: readDevKey(),
  };
}
