import { describe, expect, it } from 'vitest';
import { builtInProviders } from '../../src/providers/index.js';
import { klavi } from '../../src/providers/klavi.js';
import { createProviderRegistry, UnknownProviderError } from '../../src/providers/registry.js';
import { tavio } from '../../src/providers/tavio.js';

describe('the registry', () => {
  it('finds providers by name and lists them in order', () => {
    const registry = createProviderRegistry([tavio, klavi]);
    expect(registry.get('klavi')).toBe(klavi);
    expect(registry.find('tavio')).toBe(tavio);
    expect(registry.list()).toEqual([klavi, tavio]);
  });

  it('names the known ones where one is unknown', () => {
    const registry = createProviderRegistry([tavio, klavi]);
    expect(registry.find('klavy')).toBeUndefined();
    expect(() => registry.get('klavy')).toThrow(UnknownProviderError);
    expect(() => registry.get('klavy')).toThrow('unknown provider [name=klavy, known=klavi tavio]');
  });

  it.each(['__proto__', 'constructor', ''])('knows no provider %j', (name) => {
    expect(createProviderRegistry(builtInProviders).find(name)).toBeUndefined();
  });

  it('refuses two providers of one name', () => {
    expect(() => createProviderRegistry([klavi, tavio, klavi])).toThrow(
      'two providers have one name [name=klavi]',
    );
  });

  it('holds the built-in providers', () => {
    expect(
      createProviderRegistry(builtInProviders)
        .list()
        .map(({ name }) => name),
    ).toEqual(['abitmedia', 'klavi', 'oauth2', 'oracle-commerce', 'tavio', 'vmware-csp']);
  });
});
