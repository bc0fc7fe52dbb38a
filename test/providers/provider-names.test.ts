import { expect, it } from 'vitest';
import { builtInProviders } from '../../src/providers/index.js';
import { PROVIDER_NAMES } from '../../src/providers/names.js';

it('the list of names is that of the providers that come with evertoken', () => {
  expect(builtInProviders.map(({ name }) => name)).toEqual(PROVIDER_NAMES);
});
