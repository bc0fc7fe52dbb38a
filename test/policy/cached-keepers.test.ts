import { describe, expect, it } from 'vitest';
import { cachedKeepers } from '../../src/policy/cached-keepers.js';
import {
  CACHED_KEEPERS_MIN,
  SHARE_OF_HEAP,
  SHARE_OF_MEMORY,
} from '../../src/policy/fleet-numbers.js';
import {
  CACHED_KEEPER_BYTES,
  CACHED_KEEPER_HEAP_BYTES,
  WORKER_BYTES,
} from '../../src/policy/measured-costs.js';

const GB = 2 ** 30;

describe('the number of keepers that a worker remembers', () => {
  it.each([1, 2, 4, 16, 256])(
    'leaves a machine of %d GB the rest of its memory, and the heap room to breathe',
    (size) => {
      const memory = { memoryBytes: size * GB, heapBytes: Math.min(4, size / 2) * GB };
      const keepers = cachedKeepers(memory);
      const bytes = WORKER_BYTES + keepers * CACHED_KEEPER_BYTES;
      expect(bytes).toBeLessThanOrEqual(memory.memoryBytes * SHARE_OF_MEMORY);
      const heapBytes = keepers * CACHED_KEEPER_HEAP_BYTES;
      expect(heapBytes).toBeLessThanOrEqual(memory.heapBytes * SHARE_OF_HEAP);
    },
  );

  it('grows with the memory until the heap is its limit', () => {
    const of = (size: number): number =>
      cachedKeepers({ memoryBytes: size * GB, heapBytes: 4 * GB });
    expect(of(4)).toBeGreaterThan(of(2));
    expect(of(128)).toBe(of(64));
  });

  it('is never so small that keepers are evicted while they are worked on', () => {
    const memory = { memoryBytes: GB / 4, heapBytes: GB / 8 };
    expect(cachedKeepers(memory)).toBe(CACHED_KEEPERS_MIN);
  });
});
