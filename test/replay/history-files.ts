import { keeperWorkflowId } from '../../src/contract/names.js';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { temporal } from '@temporalio/proto';
import { z } from 'zod';

const { History } = temporal.api.history.v1;

const DIRECTORY = new URL('./histories/', import.meta.url);

const historySchema = z.looseObject({ events: z.array(z.looseObject({ eventType: z.string() })) });

/**
 * A history as it is kept: protobuf.js's JSON, with enums by name. Not `historyToJSON`, which throws wherever
 * npm installs more than one protobufjs.
 */
export type RecordedHistory = z.output<typeof historySchema>;

/** A recorded history and where it comes from. */
export interface HistoryFile {
  /** Version of evertoken that made it. */
  readonly version: string;
  /** Name of its scenario. */
  readonly scenario: string;
  readonly history: RecordedHistory;
}

/** All recorded histories, of every version. */
export async function readHistories(): Promise<readonly HistoryFile[]> {
  await mkdir(DIRECTORY, { recursive: true });
  const paths = await readdir(DIRECTORY, { recursive: true });
  const files = paths.flatMap((path) => {
    const [, version, scenario] = /^([^/\\]+)[/\\]([^/\\]+)\.json$/.exec(path) ?? [];
    return version === undefined || scenario === undefined ? [] : [{ path, version, scenario }];
  });
  return Promise.all(
    files.map(async ({ path, version, scenario }) => {
      const text = await readFile(new URL(path, DIRECTORY), 'utf8');
      return { version, scenario, history: historySchema.parse(JSON.parse(text)) };
    }),
  );
}

/** Names of the scenarios whose histories are recorded for the current version. */
export async function recordedScenarios(): Promise<readonly string[]> {
  const [version, histories] = await Promise.all([currentVersion(), readHistories()]);
  return histories.filter((file) => file.version === version).map(({ scenario }) => scenario);
}

/** Writes a history, one event a line, as one of the current version; returns its path. */
export async function writeHistory(
  scenario: string,
  history: temporal.api.history.v1.IHistory,
): Promise<string> {
  const folder = new URL(`${await currentVersion()}/`, DIRECTORY);
  await mkdir(folder, { recursive: true });
  const plain = History.toObject(History.fromObject(history), {
    longs: String,
    enums: String,
    bytes: String,
  });
  const { events } = historySchema.parse(plain);
  const file = new URL(`${scenario}.json`, folder);
  const lines = events.map((event) => JSON.stringify(event, withoutTraces)).join(',\n');
  await writeFile(file, `{"events":[\n${lines}\n]}\n`);
  return fileURLToPath(file);
}

/** A kept history as the SDK replays it. */
export function replayable(history: RecordedHistory): temporal.api.history.v1.History {
  return History.fromObject(history);
}

/**
 * The workflow ID of a run: a keeper keeps no other credential than the one that it is named for. It is read from the
 * input, since not every server writes it down.
 */
export function workflowIdOf({ events }: temporal.api.history.v1.History): string {
  const [input] = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const json: unknown = JSON.parse(Buffer.from(input?.data ?? []).toString());
  const { apply, state } = inputSchema.parse(json);
  return keeperWorkflowId((apply ?? state)?.spec.id ?? '');
}

const specSchema = z.looseObject({ spec: z.looseObject({ id: z.string() }) });
const inputSchema = z.looseObject({ apply: specSchema.optional(), state: specSchema.optional() });

/** Version of evertoken as `package.json` has it. */
export async function currentVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** Replay needs nothing that tells of the machine: process and host, and the paths in stack traces. */
function withoutTraces(key: string, value: unknown): unknown {
  if (key === 'identity') return 'recorder';
  if (key === 'stackTrace') return '';
  const queue = stickyQueueSchema.safeParse(value);
  return queue.success ? { ...queue.data, name: 'sticky' } : value;
}

const stickyQueueSchema = z.looseObject({
  name: z.string(),
  kind: z.literal('TASK_QUEUE_KIND_STICKY'),
});
