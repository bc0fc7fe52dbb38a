import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  type TypedSearchAttributes,
} from '@temporalio/common';
import type { KeeperState } from './keeper.js';
import { SEARCH_ATTRIBUTES } from './names.js';

export const PROVIDER_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.provider, 'KEYWORD');
export const STATUS_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.status, 'KEYWORD');

/**
 * What operators filter keepers by. Nothing of it changes with a refresh that succeeds, since each change costs the server a
 * write of its visibility store (decision 0015).
 */
export function searchAttributesOf({
  spec,
  status,
}: Pick<KeeperState, 'spec' | 'status'>): SearchAttributePair[] {
  return [
    { key: PROVIDER_ATTRIBUTE, value: spec.provider },
    { key: STATUS_ATTRIBUTE, value: status },
  ];
}

/** What a run was started with of it, by the names of the attributes. */
export function shownAttributes(attributes: TypedSearchAttributes): Map<string, unknown> {
  return new Map(
    [PROVIDER_ATTRIBUTE, STATUS_ATTRIBUTE].map((key) => [key.name, attributes.get(key)]),
  );
}
