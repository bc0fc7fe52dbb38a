import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fitsExactly, number, object, text } from '../contract/shape.js';
import { DEV_FILES } from './dev-files.js';
import { readDevKey } from './dev-key.js';

/** A dev environment that runs in this directory. */
export interface DevSession {
  readonly pid: number;
  readonly temporalAddress: string;
  readonly namespace: string;
}

const SESSION = object({ pid: number, temporalAddress: text, namespace: text });

/** Lets the commands in other terminals find this process. */
export function announceDevSession(session: DevSession): void {
  writeFileSync(DEV_FILES.session, `${JSON.stringify(session, undefined, 2)}\n`);
}

/** Takes the announcement back. */
export function withdrawDevSession(): void {
  rmSync(DEV_FILES.session, { force: true });
}

/** The dev environment that runs in this directory, if one does. */
export function runningDevSession(): DevSession | undefined {
  try {
    const session: unknown = JSON.parse(readFileSync(DEV_FILES.session, 'utf8'));
    if (!isDevSession(session)) return undefined;
    process.kill(session.pid, 0);
    return session;
  } catch {
    // No file, a damaged one, or one that a killed process left behind.
    return undefined;
  }
}

/** Variables with which a command talks to a dev environment. */
export function devVariables({ temporalAddress, namespace }: DevSession): NodeJS.ProcessEnv {
  return {
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    EVERTOKEN_ENCRYPTION_KEYS: readDevKey(),
  };
}

/** A number that is no process would name a group of them, or all. */
function isDevSession(value: unknown): value is DevSession {
  return fitsExactly(value, SESSION) && Number((value as Record<string, unknown>)['pid']) > 0;
}
