import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  type TypedSearchAttributes,
} from '@temporalio/common';
import type { KeeperState } from './keeper.js';
import { SEARCH_ATTRIBUTES } from './names.js';

export const PROVIDER_ATTRIBUTE = defineSearchAttributeKey(
  SEARCH_ATTRIBUTES.provider.name,
  'KEYWORD',
);
export const STATUS_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.status.name, 'KEYWORD');
export const EXPIRES_AT_ATTRIBUTE = defineSearchAttributeKey(
  SEARCH_ATTRIBUTES.expiresAt.name,
  'DATETIME',
);

/** What operators filter keepers by. No expiry before the first token. */
export function searchAttributesOf({
  spec,
  status,
  token,
}: Pick<KeeperState, 'spec' | 'status' | 'token'>): SearchAttributePair[] {
  return [
    { key: PROVIDER_ATTRIBUTE, value: spec.provider },
    { key: STATUS_ATTRIBUTE, value: status },
    ...(token === undefined
      ? []
      : [{ key: EXPIRES_AT_ATTRIBUTE, value: new Date(token.expiresAtMs) }]),
  ];
}

/** What a run was started with of it, by the names of the attributes; `null` where one is not set. */
export function shownAttributes(
  attributes: TypedSearchAttributes,
): readonly { readonly name: string; readonly value: string | Date | null }[] {
  return [PROVIDER_ATTRIBUTE, STATUS_ATTRIBUTE, EXPIRES_AT_ATTRIBUTE].map((key) => ({
    name: key.name,
    value: attributes.get(key) ?? null,
  }));
}
