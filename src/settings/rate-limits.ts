import { GROUP_PATTERN, PROVIDER_NAME_PATTERN } from '../contract/names.js';
import { PROVIDER_NAMES } from '../providers/names.js';
import { BadValueError } from './bad-value.js';
import { nameHint } from './closest-name.js';
import { listOf } from './values.js';
import type { Reader } from './values.js';

/** Refreshes a second over all workers together: of a provider, and of its groups. */
export interface ProviderLimits {
  readonly limit?: number;
  readonly groups?: Readonly<Record<string, number>>;
}

/** Limits by provider. */
export type RateLimits = Readonly<Record<string, ProviderLimits>>;

const rateLimitList = listOf((entry): RateLimitEntry | undefined => {
  const [subject = '', rate = '', ...rest] = entry.split('=').map((part) => part.trim());
  const [provider = '', group, ...deeper] = subject.split('/');
  const limit = /^\d+(\.\d+)?$/.test(rate) ? Number(rate) : 0;
  const isNamed =
    PROVIDER_NAME_PATTERN.test(provider) && (group === undefined || GROUP_PATTERN.test(group));
  const isWhole = rest.length === 0 && deeper.length === 0;
  if (!isNamed || !isWhole || limit <= 0 || limit === Infinity) return undefined;
  return { provider, group, limit };
}, 'not written as provider=number or provider/group=number, with a number of refreshes a second above 0');

/** `provider[/group]=number[,…]`: refreshes a second. */
export const rateLimitsValue: Reader<RateLimits> = (text) => {
  const entries = rateLimitList(text);
  const subjects = entries.map(({ provider, group = '' }) => `${provider}/${group}`);
  const isTwice = new Set(subjects).size < subjects.length;
  const complaints = [
    ...(isTwice ? ['names a provider or a group twice'] : []),
    ...entries.flatMap(({ provider }, index) => unknownProvider(provider, index + 1)),
  ];
  if (complaints.length > 0) throw new BadValueError(...complaints);
  return byProvider(entries);
};

function unknownProvider(provider: string, position: number): string[] {
  const names: readonly string[] = PROVIDER_NAMES;
  if (names.includes(provider)) return [];
  return [`names an unknown provider [position=${position}]; ${nameHint(provider, names)}`];
}

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
