import { describe, expect, it } from 'vitest';
import { EXTRAS_MAX_BYTES } from '../../src/policy/attempt-numbers.js';
import { mergedExtras } from '../../src/policy/extras.js';

const most = 'x'.repeat(0.6 * EXTRAS_MAX_BYTES);
const little = 'x'.repeat(0.1 * EXTRAS_MAX_BYTES);

describe('extras that are more than a token may carry', () => {
  it('give way to newer ones', () => {
    expect(mergedExtras({ old: most }, { recent: most })).toEqual({ recent: most });
    expect(mergedExtras({ older: most, old: little }, { recent: most })).toEqual({
      old: little,
      recent: most,
    });
  });

  it('take along no older one that fits beside what is kept', () => {
    expect(mergedExtras({ old: little }, { first: most, second: most })).toEqual({
      old: little,
      second: most,
    });
    expect(mergedExtras({ instance_url: 'u' }, { huge: most + most })).toEqual({
      instance_url: 'u',
    });
  });

  it('are counted in bytes, as Temporal counts what a keeper carries on', () => {
    expect(mergedExtras({}, { wide: '€'.repeat(0.6 * EXTRAS_MAX_BYTES) })).toEqual({});
    expect(mergedExtras({}, { escaped: '\u0001'.repeat(0.6 * EXTRAS_MAX_BYTES) })).toEqual({});
  });

  it('never come back in an older form', () => {
    expect(mergedExtras({ field: 'old' }, { field: most + most })).toEqual({});
  });
});
