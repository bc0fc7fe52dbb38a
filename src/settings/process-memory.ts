import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { ProcessMemory } from '../policy/cached-keepers.js';

/** What this process has to live in. Node.js says 0, or more than there is, where nothing limits it. */
export function processMemory(): ProcessMemory {
  const limit = process.constrainedMemory();
  const memory = totalmem();
  return {
    memoryBytes: limit > 0 ? Math.min(limit, memory) : memory,
    heapBytes: getHeapStatistics().heap_size_limit,
  };
}
