import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { WorkflowBundle } from '@temporalio/worker';

const DIRECTORY = new URL('./builds/', import.meta.url);

/** Workflows as a version of evertoken ran them; `npm run histories:record` keeps those of the current one. */
export interface RecordedBuild {
  readonly version: string;
  readonly workflowBundle: WorkflowBundle;
}

/** The workflows of all versions that were recorded. */
export function readBuilds(): readonly RecordedBuild[] {
  return readdirSync(DIRECTORY).map((name) => ({
    version: name.replace(/\.js\.gz$/, ''),
    workflowBundle: { code: gunzipSync(readFileSync(new URL(name, DIRECTORY))).toString('utf8') },
  }));
}
