import type { z } from 'zod';
import { GROUP_PATTERN } from '../contract/names.js';
import { PROVIDER_NAMES } from '../providers/names.js';
import { closestName } from './closest-name.js';
import { listOf } from './values.js';

const PROVIDER_NAME = /^[a-z0-9][a-z0-9-]*$/;

/** Refreshes a second over all workers together: of a provider, and of its groups. */
export interface ProviderLimits {
  readonly limit?: number;
  readonly groups?: Readonly<Record<string, number>>;
}

/** Limits by provider. */
export type RateLimits = Readonly<Record<string, ProviderLimits>>;

/** `provider[/group]=number[,…]`: refreshes a second. */
export const rateLimitsValue: z.ZodType<RateLimits, string> = listOf(
  (entry): RateLimitEntry | undefined => {
    const [subject = '', rate = '', ...rest] = entry.split('=').map((part) => part.trim());
    const [provider = '', group, ...deeper] = subject.split('/');
    const limit = /^\d+(\.\d+)?$/.test(rate) ? Number(rate) : 0;
    const isNamed =
      PROVIDER_NAME.test(provider) && (group === undefined || GROUP_PATTERN.test(group));
    const isWhole = rest.length === 0 && deeper.length === 0;
    if (!isNamed || !isWhole || limit <= 0 || limit === Infinity) return undefined;
    return { provider, group, limit };
  },
  'not written as provider=number or provider/group=number, with a number of refreshes a second above 0',
).transform((entries, context): RateLimits => {
  const subjects = entries.map(({ provider, group = '' }) => `${provider}/${group}`);
  if (new Set(subjects).size < subjects.length) {
    context.addIssue({ code: 'custom', message: 'names a provider or a group twice' });
  }
  const names: readonly string[] = PROVIDER_NAMES;
  for (const [index, { provider }] of entries.entries()) {
    if (names.includes(provider)) continue;
    const meant = closestName(provider, names);
    const hint = meant === undefined ? `known are ${names.join(', ')}` : `did you mean ${meant}?`;
    const message = `names an unknown provider [position=${index + 1}]; ${hint}`;
    context.addIssue({ code: 'custom', message });
  }
  return byProvider(entries);
});

interface RateLimitEntry {
  readonly provider: string;
  readonly group: string | undefined;
  readonly limit: number;
}

function byProvider(entries: readonly RateLimitEntry[]): RateLimits {
  const limits: Record<string, ProviderLimits> = {};
  for (const { provider, group, limit } of entries) {
    const known = limits[provider] ?? {};
    limits[provider] =
      group === undefined
        ? { ...known, limit }
        : { ...known, groups: { ...known.groups, [group]: limit } };
  }
  return limits;
}
