import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { DEV_FILES } from './dev-files.js';
import { readDevKey } from './dev-key.js';

const sessionSchema = z.strictObject({
  pid: z.number().int().positive(),
  temporalAddress: z.string(),
  namespace: z.string(),
});

/** A dev environment that runs in this directory. */
export type DevSession = z.output<typeof sessionSchema>;

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
    const session = sessionSchema.parse(JSON.parse(readFileSync(DEV_FILES.session, 'utf8')));
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
