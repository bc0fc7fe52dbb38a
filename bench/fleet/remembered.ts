import { cachedKeepers } from '../../src/policy/cached-keepers.js';
import { processMemory } from '../../src/settings/process-memory.js';

/** How many keepers a worker of the fleet remembers unless it is told: it runs with as much heap as this process. */
export function rememberedKeepers(): number {
  return cachedKeepers(processMemory());
}
