import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Temporal's library looks for a user's configuration file: on Linux, on Windows and on macOS. */
const PLACES = [['temporalio'], ['Library', 'Application Support', 'temporalio']];

/** Writes a user's own configuration file for Temporal. The variables let the library find it. */
export function writeTemporalProfile(home: string, toml: string): Record<string, string> {
  for (const place of PLACES) {
    const folder = join(home, ...place);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'temporal.toml'), toml);
  }
  return { XDG_CONFIG_HOME: home, APPDATA: home, HOME: home };
}
