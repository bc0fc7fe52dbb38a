import { type BigIntStats, realpathSync, statSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isReservedVariable, OWN_SECRET_VARIABLES } from '../contract/names.js';
import { fileText } from './file-text.js';

/** Variables whose values hold keys, `…:base64` each, separated by commas. */
const RING_VARIABLES = ['EVERTOKEN_ENCRYPTION_KEYS', 'EVERTOKEN_READER_KEYS'];
/** 32 bytes in base64. */
const KEY_TEXT = /[A-Za-z0-9+/]{43}=/g;

/**
 * The secrets of evertoken's own process. Credentials may name files, and what they name is sent to an address of their
 * author's choice: none of these may be among them.
 */
export class OwnSecrets {
  readonly #env: NodeJS.ProcessEnv;
  readonly #values: readonly string[];
  readonly #keys: readonly string[];

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
    this.#values = OWN_SECRET_VARIABLES.flatMap((name) => valuesOf(env, name));
    this.#keys = RING_VARIABLES.flatMap((name) => valuesOf(env, name)).flatMap(
      (ring) => ring.match(KEY_TEXT) ?? [],
    );
  }

  /**
   * Whether a file is one that a variable of evertoken, Temporal or PostgreSQL names, by whatever path or link, or holds
   * what this process was started with.
   */
  async include(file: FoundFile): Promise<boolean> {
    if (this.#areIn(file.text)) return true;
    const named = await Promise.all(namedPaths(this.#env).map(placeAt));
    return named.some((place) => isSame(place, file));
  }

  /** As `include`, for a command, which has nothing else to do. */
  includeSync(file: FoundFile): boolean {
    return (
      this.#areIn(file.text) ||
      namedPaths(this.#env).some((path) => isSame(placeAtSync(path), file))
    );
  }

  #areIn(content: string): boolean {
    const text = content.trim();
    return this.#values.includes(text) || this.#keys.some((key) => text.includes(key));
  }
}

/** Where a file really is. */
interface FilePlace {
  readonly realPath: string;
  readonly stats: Pick<BigIntStats, 'dev' | 'ino'>;
}

/** A file that was found and read. */
export interface FoundFile extends FilePlace {
  readonly text: string;
}

function valuesOf(env: NodeJS.ProcessEnv, name: string): readonly string[] {
  const texts = [env[name] ?? '', fileText(env[`${name}_FILE`] ?? '') ?? ''];
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}

/** All that may be a path: a value, and what a database's URL names, such as the key of its TLS. */
function namedPaths(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.entries(env)
    .filter(([name]) => isReservedVariable(name))
    .flatMap(([, value = '']) => [
      value,
      ...(URL.canParse(value) ? new URL(value).searchParams.values() : []),
    ])
    .filter((path) => path !== '');
}

/** `undefined` where there is no file. */
async function placeAt(path: string): Promise<FilePlace | undefined> {
  try {
    return { stats: await stat(path, { bigint: true }), realPath: await realpath(path) };
  } catch {
    return undefined;
  }
}

function placeAtSync(path: string): FilePlace | undefined {
  try {
    return { stats: statSync(path, { bigint: true }), realPath: realpathSync(path) };
  } catch {
    return undefined;
  }
}

function isSame(place: FilePlace | undefined, { realPath, stats }: FoundFile): boolean {
  if (place === undefined) return false;
  return (
    place.realPath === realPath || (place.stats.dev === stats.dev && place.stats.ino === stats.ino)
  );
}
