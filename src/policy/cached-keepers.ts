import { CACHED_KEEPERS_MIN, SHARE_OF_HEAP, SHARE_OF_MEMORY } from './fleet-numbers.js';
import { CACHED_KEEPER_BYTES, CACHED_KEEPER_HEAP_BYTES, WORKER_BYTES } from './measured-costs.js';

/** What a worker process has to live in, in bytes. */
export interface ProcessMemory {
  /** Memory of the machine, or of the container where that has less. */
  readonly memoryBytes: number;
  /** What JavaScript may take of it at most. */
  readonly heapBytes: number;
}

/** How many keepers a worker remembers unless it is told: as many as fit, with room for all else that runs there. */
export function cachedKeepers({ memoryBytes, heapBytes }: ProcessMemory): number {
  const ofMemory = (memoryBytes * SHARE_OF_MEMORY - WORKER_BYTES) / CACHED_KEEPER_BYTES;
  const ofHeap = (heapBytes * SHARE_OF_HEAP) / CACHED_KEEPER_HEAP_BYTES;
  return Math.max(Math.floor(Math.min(ofMemory, ofHeap)), CACHED_KEEPERS_MIN);
}
